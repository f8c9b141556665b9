//! As much YAML as our snippets are written in: maps, lists, and texts of one line.

/// A part of a snippet.
pub(super) struct Node<'a> {
    /// Each with its indentation.
    lines: Vec<(usize, &'a str)>,
}

impl<'a> Node<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        let line = |line: &'a str| {
            let text = line.trim_start();
            let before_comment = text.find(" #").map_or(text, |end| &text[..end]);
            (line.len() - text.len(), before_comment.trim_end())
        };
        let is_said = |(_, text): &(usize, &str)| !text.is_empty() && !text.starts_with('#');
        Self {
            lines: text.lines().map(line).filter(is_said).collect(),
        }
    }

    /// What stands under a key.
    pub(super) fn at(&self, key: &str) -> Self {
        self.find(key)
            .unwrap_or_else(|| panic!("no {key} in {:?}", self.lines))
    }

    /// What stands under a key, if it is there.
    pub(super) fn find(&self, key: &str) -> Option<Self> {
        let mut found = self.parts().filter_map(|(head, below)| {
            let rest = head.strip_prefix(key)?.strip_prefix(':')?.trim_start();
            Some(match rest {
                "" => below,
                text => Self {
                    lines: vec![(0, text)],
                },
            })
        });
        let first = found.next();
        assert!(found.next().is_none(), "{key} stands there twice");
        first
    }

    /// Keys with texts.
    pub(super) fn entries(&self) -> Vec<(&'a str, &'a str)> {
        self.parts()
            .filter_map(|(head, _)| head.split_once(": "))
            .map(|(key, text)| (key, unquoted(text)))
            .collect()
    }

    /// What stands in a list.
    pub(super) fn items(&self) -> Vec<Self> {
        // The dash and its space indent the first line of an item as far as the others.
        let indent = self.outermost() + 2;
        self.parts()
            .map(|(head, below)| {
                let head = head.strip_prefix("- ").unwrap();
                let mut lines = vec![(indent, head)];
                lines.extend(below.lines);
                Self { lines }
            })
            .collect()
    }

    /// Texts in a list.
    pub(super) fn texts(&self) -> Vec<&'a str> {
        self.items().iter().map(Self::text).collect()
    }

    /// A text.
    pub(super) fn text(&self) -> &'a str {
        match self.lines[..] {
            [(_, text)] => unquoted(text),
            _ => panic!("no text: {:?}", self.lines),
        }
    }

    fn outermost(&self) -> usize {
        self.lines.first().map_or(0, |(indent, _)| *indent)
    }

    /// Each line of the outermost indentation, and what is deeper behind it.
    fn parts(&self) -> impl Iterator<Item = (&'a str, Self)> {
        let outermost = self.outermost();
        let mut rest = &self.lines[..];
        std::iter::from_fn(move || {
            let ((_, head), behind) = rest.split_first()?;
            let end = behind
                .iter()
                .position(|(indent, _)| *indent <= outermost)
                .unwrap_or(behind.len());
            let (below, behind) = behind.split_at(end);
            rest = behind;
            let below = Self {
                lines: below.to_vec(),
            };
            Some((*head, below))
        })
    }
}

fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text)
}
