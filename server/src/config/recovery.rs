//! Recovery of access.

use super::{duration, error::ConfigError, mail::Mail, values::Values};
use latchkey_domain::identity::recovery::{MAX_COOLING_OFF, MIN_COOLING_OFF};
use time::Duration;

/// Recovery of access.
#[derive(Debug, Clone, Copy)]
pub struct Recovery {
    /// How long a device in recovery waits before it may add a passkey.
    pub cooling_off: Duration,
    /// Whether it confirms by mail before.
    pub confirms_by_mail: bool,
}

const CONFIRM_MAIL: &str = "recovery.confirm_mail";

impl Recovery {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        Ok(Self {
            cooling_off: Self::cooling_off(values)?,
            confirms_by_mail: match values.text(CONFIRM_MAIL) {
                "true" => true,
                "false" => false,
                text => {
                    let (problem, remedy) = ("it is on or off", "write true or false");
                    return Err(values.refuse(CONFIRM_MAIL, text, problem, remedy));
                }
            },
        })
    }

    /// Without mail, nobody could confirm, and no recovery would ever end.
    pub(super) fn validate(self, mail: Option<&Mail>, values: &Values) -> Result<(), ConfigError> {
        match self.confirms_by_mail && mail.is_none() {
            true => Err(values.refuse(
                CONFIRM_MAIL,
                "true",
                "there is no mail server, so that nobody who lost everything could come back",
                "set mail.url and mail.from, or remove recovery.confirm_mail",
            )),
            false => Ok(()),
        }
    }

    fn cooling_off(values: &Values) -> Result<Duration, ConfigError> {
        const NAME: &str = "recovery.cooling_off";
        let text = values.text(NAME);
        let refuse = |problem: &str| {
            let remedy = "write a duration from 1h to 30d, like 24h; without any, a recovery code would be worth as much as a passkey";
            Err(values.refuse(NAME, text, problem, remedy))
        };
        match duration::parse(text) {
            Err(_) => refuse("that is not a duration"),
            Ok(time) if time < MIN_COOLING_OFF || time > MAX_COOLING_OFF => {
                refuse("that is too short or too long")
            }
            Ok(cooling_off) => Ok(cooling_off),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_domain::identity::recovery::DEFAULT_COOLING_OFF;

    #[test]
    fn audit_46_a_recovery_always_waits() {
        let read = |text: &str| {
            let mut values = Values::defaults();
            values.put_flag("recovery.cooling_off", "--flag", text);
            Recovery::read(&values).map(|recovery| recovery.cooling_off)
        };
        let default = Recovery::read(&Values::defaults()).unwrap();
        assert_eq!(default.cooling_off, DEFAULT_COOLING_OFF);
        assert_eq!(read("1h").unwrap(), Duration::HOUR);
        assert_eq!(read("30d").unwrap(), Duration::days(30));
        for text in ["", "0", "0s", "59m", "31d", "off", "-1h"] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("from 1h to 30d"), "{error}");
        }
    }

    #[test]
    fn audit_48_a_mail_is_asked_for_only_where_there_is_mail() {
        let read = |confirm: &str, mail: &str| {
            let mut values = Values::defaults();
            values.put_flag(CONFIRM_MAIL, "--flag", confirm);
            values.put_flag("mail.url", "--mail", mail);
            values.put_flag("mail.from", "--from", "latchkey@example.com");
            let recovery = Recovery::read(&values)?;
            let mail = Mail::read(&values)?;
            recovery.validate(mail.as_ref(), &values)?;
            Ok::<_, ConfigError>(recovery.confirms_by_mail)
        };
        let server = "smtp://mail.example.com";
        assert!(!read("false", "").unwrap() && !read("false", server).unwrap());
        assert!(read("true", server).unwrap());
        let error = read("true", "").unwrap_err().to_string();
        assert!(error.contains("set mail.url"), "{error}");
        for wrong in ["", "yes", "TRUE", "1"] {
            let error = read(wrong, server).unwrap_err().to_string();
            assert!(error.contains("write true or false"), "{error}");
        }
    }
}
