//! What types that are parsed from text have in common.

/// Implements the conversions of a type with a `parse` function whose printed form parses to the same value:
/// `FromStr`, and for serde `TryFrom<String>` and `Into<String>`. With `as_str` also `Display`.
macro_rules! parsed_text {
    ($name:ident, $error:ty, as_str) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        $crate::text::parsed_text!($name, $error);
    };
    ($name:ident, $error:ty) => {
        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

pub(crate) use parsed_text;
