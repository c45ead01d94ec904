//! Reads one table of the manifest: typed values, ranges, and a mistake for each key that nobody knows.
//! Before it: `tree`, with the profile laid over. After it: one module a kind of table, which makes the plan's values.

use crate::fault::{Code, Fault, Sink};
use crate::near::{hint, nearest};
use crate::tree::{Entry, Item, Span, Value};
use crate::unit::{self, UnitError};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

/// A table that is being read. A getter that finds something wrong tells the sink and gives the default, so that one
/// mistake does not hide the next.
pub(crate) struct Table<'t> {
    entries: &'t [Entry],
    at: Span,
    title: String,
    keys: &'static [&'static str],
    sink: &'t Sink<'t>,
}

impl<'t> Table<'t> {
    /// Opens a table that may have `keys`. `at` is where the reader should look for it, `title` what messages call it.
    pub(crate) fn open(
        value: &'t Value,
        at: Span,
        title: impl Into<String>,
        keys: &'static [&'static str],
        sink: &'t Sink<'t>,
    ) -> Option<Self> {
        let title = title.into();
        let Item::Table(entries) = &value.item else {
            sink.add(wrong_type(&title, "a table", value));
            return None;
        };
        for entry in entries.iter().filter(|entry| !keys.contains(&entry.key.as_str())) {
            let mut fault = Fault::new(Code::UnknownKey, format!("{title} has no key `{}`", entry.key))
                .at(entry.at.clone(), "nobody reads this");
            if let Some(help) = hint(&entry.key, keys.iter().copied()) {
                let own = keys.contains(&"source") && nearest(&entry.key, keys.iter().copied()).is_none();
                fault = fault.help(match own {
                    true => format!("{help}; what the actor itself reads goes into its `config` table"),
                    false => help,
                });
            }
            sink.add(fault);
        }
        Some(Self { entries, at, title, keys, sink })
    }

    pub(crate) fn sink(&self) -> &'t Sink<'t> {
        self.sink
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    pub(crate) fn at(&self) -> Span {
        self.at.clone()
    }

    /// What stands under a key, and the key's place.
    pub(crate) fn entry(&self, key: &str) -> Option<&'t Entry> {
        debug_assert!(self.keys.contains(&key), "`{key}` is not among the keys of {}", self.title);
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(crate) fn value(&self, key: &str) -> Option<&'t Value> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Says that a key must be there.
    pub(crate) fn missing(&self, key: &str, example: &str) {
        self.sink.add(
            Fault::new(Code::MissingKey, format!("{} needs `{key}`", self.title))
                .at(self.at(), format!("no `{key}` here"))
                .help(format!("add {key} = {example}")),
        );
    }

    pub(crate) fn text(&self, key: &str) -> Option<(&'t str, Span)> {
        let value = self.value(key)?;
        self.text_of(key, value)
    }

    fn text_of(&self, key: &str, value: &'t Value) -> Option<(&'t str, Span)> {
        match &value.item {
            Item::Text(text) => Some((text, value.span.clone())),
            _ => {
                self.sink.add(wrong_type(&format!("`{key}`"), "a text in quotes", value));
                None
            }
        }
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        match value.item {
            Item::Flag(flag) => Some(flag),
            _ => {
                self.sink.add(wrong_type(&format!("`{key}`"), "true or false", value));
                None
            }
        }
    }

    /// A whole number within a range.
    pub(crate) fn whole<T: TryFrom<i128> + Into<i128> + Copy + Display>(
        &self,
        key: &str,
        range: RangeInclusive<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let Item::Whole(number) = value.item else {
            self.sink.add(wrong_type(&format!("`{key}`"), "a whole number", value));
            return None;
        };
        let (least, most) = (*range.start(), *range.end());
        if (least.into()..=most.into()).contains(&number) {
            return T::try_from(number).ok();
        }
        self.out_of_range(key, value, &least.to_string(), &most.to_string());
        None
    }

    /// A number within a range.
    pub(crate) fn number(&self, key: &str, range: RangeInclusive<f64>) -> Option<f64> {
        let value = self.value(key)?;
        let number = match value.item {
            Item::Float(number) => number,
            Item::Whole(number) => number as f64,
            _ => {
                self.sink.add(wrong_type(&format!("`{key}`"), "a number", value));
                return None;
            }
        };
        if number.is_finite() && range.contains(&number) {
            return Some(number);
        }
        self.out_of_range(key, value, &range.start().to_string(), &range.end().to_string());
        None
    }

    /// A time within a range.
    pub(crate) fn time(&self, key: &str, range: RangeInclusive<Duration>) -> Option<Duration> {
        let value = self.value(key)?;
        let time = self.unit(key, value, Code::BadTime, "a time, as in \"500ms\"", unit::time)?;
        if range.contains(&time) {
            return Some(time);
        }
        let (least, most) = (unit::write(*range.start()), unit::write(*range.end()));
        self.out_of_range(key, value, &format!("\"{least}\""), &format!("\"{most}\""));
        None
    }

    /// A size in bytes within a range.
    pub(crate) fn size(&self, key: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.value(key)?;
        let size = self.unit(key, value, Code::BadSize, "a size, as in \"16MiB\"", unit::size)?;
        if range.contains(&size) {
            return Some(size);
        }
        let (least, most) = (unit::write_size(*range.start()), unit::write_size(*range.end()));
        self.out_of_range(key, value, &format!("\"{least}\""), &format!("\"{most}\""));
        None
    }

    fn unit<T>(
        &self,
        key: &str,
        value: &Value,
        code: Code,
        expected: &str,
        parse: impl Fn(&str) -> Result<T, UnitError>,
    ) -> Option<T> {
        match &value.item {
            Item::Text(text) => match parse(text) {
                Ok(value) => Some(value),
                Err(UnitError(fix)) => {
                    let what = expected.split(',').next().unwrap_or(expected);
                    self.sink.add(
                        Fault::new(code, format!("`{key}` is not {what}"))
                            .at(value.span.clone(), format!("not {what}"))
                            .help(fix),
                    );
                    None
                }
            },
            _ => {
                self.sink.add(wrong_type(&format!("`{key}`"), expected, value));
                None
            }
        }
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(&self, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        let (text, span) = self.text(key)?;
        if let Some((_, meant)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*meant);
        }
        let mut fault = Fault::new(Code::UnknownWord, format!("`{key}` cannot be \"{text}\""))
            .at(span, format!("not one of the {} words", words.len()));
        if let Some(help) = hint(text, words.iter().map(|(word, _)| *word)) {
            fault = fault.help(help);
        }
        self.sink.add(fault);
        None
    }

    /// A text that parses, or a mistake with what its type says of it, and `fix`.
    pub(crate) fn parsed<T>(&self, key: &str, code: Code, fix: &str) -> Option<(T, Span)>
    where
        T: FromStr,
        T::Err: Display,
    {
        let (text, span) = self.text(key)?;
        match text.parse() {
            Ok(value) => Some((value, span)),
            Err(why) => {
                self.sink.add(
                    Fault::new(code, format!("`{key}` cannot be \"{}\"", text.escape_debug()))
                        .at(span, why.to_string())
                        .help(fix),
                );
                None
            }
        }
    }

    /// A list of texts.
    pub(crate) fn texts(&self, key: &str) -> Vec<(&'t str, Span)> {
        self.list(key).iter().filter_map(|value| self.text_of(key, value)).collect()
    }

    pub(crate) fn list(&self, key: &str) -> &'t [Value] {
        match self.value(key).map(|value| (value, &value.item)) {
            None => &[],
            Some((_, Item::List(values))) => values,
            Some((value, _)) => {
                self.sink.add(wrong_type(&format!("`{key}`"), "a list in brackets", value));
                &[]
            }
        }
    }

    /// A table within this one.
    pub(crate) fn table(&self, key: &str, keys: &'static [&'static str]) -> Option<Table<'t>> {
        let entry = self.entry(key)?;
        Table::open(&entry.value, entry.at.clone(), format!("`{key}` of {}", self.title), keys, self.sink)
    }

    fn out_of_range(&self, key: &str, value: &Value, least: &str, most: &str) {
        self.sink.add(
            Fault::new(Code::OutOfRange, format!("`{key}` is out of range"))
                .at(value.span.clone(), format!("{least} to {most}"))
                .help(format!("write a value from {least} to {most}")),
        );
    }
}

fn wrong_type(what: &str, expected: &str, value: &Value) -> Fault {
    Fault::new(Code::WrongType, format!("{what} must be {expected}"))
        .at(value.span.clone(), format!("this is {}", value.item.is()))
        .help(match (&value.item, expected) {
            (Item::Whole(number), _) if expected.starts_with("a time") => {
                format!("write a unit, as in \"{number}s\" or \"{number}ms\"")
            }
            (Item::List(_), "a table") => "write its header in single brackets, or its keys in braces".into(),
            (_, "a table") => "write its keys in braces, or under a header of their own".into(),
            _ => format!("write {expected}"),
        })
}
