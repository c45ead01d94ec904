//! TOML as it stands in the text: values with their places, tables in the order of their first mention.
//! Before it: the `toml` crate's parser. After it: `profile` overlays, `table` reads.

use crate::fault::{Code, Fault, Sink};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

/// A place in the text, in bytes.
pub(crate) type Span = Range<usize>;

/// A value and its place. A table's place is its header, if it has one.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) span: Span,
    pub(crate) item: Item,
}

#[derive(Debug, Clone)]
pub(crate) enum Item {
    Text(String),
    Whole(i128),
    Float(f64),
    Flag(bool),
    Date(String),
    List(Vec<Value>),
    Table(Vec<Entry>),
}

/// A key, its place, and what it has.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) at: Span,
    pub(crate) value: Value,
}

impl Item {
    /// What it is, for messages.
    pub(crate) fn is(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Whole(_) | Self::Float(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

impl Value {
    /// The entries of a table; nothing for what is none.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.item {
            Item::Table(entries) => entries,
            _ => &[],
        }
    }

    /// What a table has under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.item {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads TOML. None if it is not TOML; all that is wrong with it is in the sink then.
pub(crate) fn read(text: &str, sink: &Sink<'_>) -> Option<Value> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let span = table.span();
        return Some(Value { span, item: self::table(table.into_inner(), sink) });
    }
    // One slip makes the parser stumble several times on its line: the first is the one to read.
    let mut last = None;
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let line = sink.line(span.start);
        if last.replace(line) != Some(line) {
            sink.add(syntax(text, error, span));
        }
    }
    None
}

fn syntax(text: &str, error: &Error, span: Span) -> Fault {
    let here = text.get(span.clone()).unwrap_or_default();
    let (label, help) = match error.message() {
        "duplicate key" => (
            format!("`{here}` is set here a second time"),
            "keep one; a table's header may stand only once as well".to_owned(),
        ),
        message if message.starts_with("string values must be quoted") => (
            "a text without quotes, or nothing".to_owned(),
            match here {
                "" => "write a value after the `=`".to_owned(),
                "yes" | "no" | "True" | "False" | "TRUE" | "FALSE" => {
                    "write true or false, or put a text in quotes".to_owned()
                }
                _ => format!("put a text in quotes: \"{here}\""),
            },
        ),
        message => (message.to_owned(), "the format is TOML 1.1: https://toml.io/en/v1.1.0".to_owned()),
    };
    Fault::new(Code::Syntax, "this is not TOML").at(span, label).help(help)
}

fn table(table: DeTable<'_>, sink: &Sink<'_>) -> Item {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| Entry {
            at: key.span(),
            key: key.into_inner().into_owned(),
            value: self::value(value, sink),
        })
        .collect();
    // The parser's map is in the order of the alphabet.
    entries.sort_by_key(|entry| entry.at.start);
    Item::Table(entries)
}

fn value(value: Spanned<DeValue<'_>>, sink: &Sink<'_>) -> Value {
    let span = value.span();
    let item = match value.into_inner() {
        DeValue::String(text) => Item::Text(text.into_owned()),
        DeValue::Boolean(flag) => Item::Flag(flag),
        DeValue::Datetime(date) => Item::Date(date.to_string()),
        DeValue::Array(values) => Item::List(values.into_iter().map(|item| self::value(item, sink)).collect()),
        DeValue::Table(entries) => table(entries, sink),
        DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Item::Whole(number),
            Err(_) => {
                sink.add(
                    Fault::new(Code::OutOfRange, "this number is too large for anything")
                        .at(span.clone(), "more than 128 bits")
                        .help("write a smaller number, or a text"),
                );
                Item::Whole(0)
            }
        },
        DeValue::Float(number) => Item::Float(number.as_str().parse().unwrap_or(f64::NAN)),
    };
    Value { span, item }
}
