//! What is wrong with a manifest: a stable code, one sentence, places with labels, the fix.
//! Every other module of this room adds to the [`Sink`]; `parse` hands out [`Faults`].

use crate::tree::Span;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use std::cell::RefCell;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $word:literal,)+) => {
        /// What kind of mistake it is. The words are stable: programs may match on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word, as in `greenroom::manifest::unknown-child`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => concat!("greenroom::manifest::", $word),)+ }
            }
        }
    };
}

codes! {
    /// The text is not TOML.
    Syntax = "syntax",
    /// A key or table that nobody reads.
    UnknownKey = "unknown-key",
    /// A key that must be there is not.
    MissingKey = "missing-key",
    /// A text where a number should be, and the like.
    WrongType = "wrong-type",
    /// A number, time or size that is too small or too large.
    OutOfRange = "out-of-range",
    /// A text that is none of the words that may stand there.
    UnknownWord = "unknown-word",
    /// No name of an actor, supervisor, behaviour, device or host.
    BadName = "bad-name",
    /// No time, as `"500ms"`.
    BadTime = "bad-time",
    /// No size, as `"16MiB"`.
    BadSize = "bad-size",
    /// No topic pattern.
    BadTopic = "bad-topic",
    /// No kind of message.
    BadMessage = "bad-message",
    /// No grant.
    BadGrant = "bad-grant",
    /// No GPIO line.
    BadLine = "bad-line",
    /// No id of a 1-wire sensor.
    BadSensor = "bad-sensor",
    /// No steps of a scripted input.
    BadSteps = "bad-steps",
    /// No address to listen on.
    BadAddress = "bad-address",
    /// No path of a route.
    BadPath = "bad-path",
    /// A value that JSON, as which an actor gets its configuration, does not have.
    BadConfig = "bad-config",
    /// Two of actor, supervisor and behaviour have one name.
    DuplicateName = "duplicate-name",
    /// A name that the host itself has.
    ReservedName = "reserved-name",
    /// A supervisor's child that there is not.
    UnknownChild = "unknown-child",
    /// A behaviour as a supervisor's child.
    BehaviorChild = "behavior-child",
    /// A child that one supervisor lists twice.
    RepeatedChild = "repeated-child",
    /// A child of two supervisors.
    TwoSupervisors = "two-supervisors",
    /// Supervisors that are each other's children.
    SupervisorCycle = "supervisor-cycle",
    /// Children of a dynamic supervisor, or a template of another.
    BadTemplate = "bad-template",
    /// A significant child that is always restarted, or whose supervisor does not mind.
    BadSignificant = "bad-significant",
    /// A device kind that there is not.
    UnknownKind = "unknown-kind",
    /// A device that there is not.
    UnknownDevice = "unknown-device",
    /// An input where only an output will do.
    NotAnOutput = "not-an-output",
    /// An output without `safe`.
    MissingSafe = "missing-safe",
    /// Two devices on one GPIO line.
    LineTaken = "line-taken",
    /// An actor that there is not.
    UnknownActor = "unknown-actor",
    /// A supervisor or behaviour where an actor should be.
    NotAnActor = "not-an-actor",
    /// An actor or behaviour where a supervisor should be, or nothing.
    UnknownSupervisor = "unknown-supervisor",
    /// A behaviour that there is not.
    UnknownBehavior = "unknown-behavior",
    /// A topic of the host's own.
    ReservedTopic = "reserved-topic",
    /// The topic registry may not set routes.
    RegistryGrant = "registry-grant",
    /// A path of the host's own.
    ReservedPath = "reserved-path",
    /// A route that does nothing, or two things.
    BadRoute = "bad-route",
    /// The profile asked for is not in the manifest.
    UnknownProfile = "unknown-profile",
}

/// One mistake.
#[derive(Debug, Clone)]
pub struct Fault {
    code: Code,
    message: String,
    labels: Vec<Label>,
    help: Option<String>,
    source: Option<Arc<NamedSource<String>>>,
}

/// A place in the manifest, and what is the matter there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where, in bytes from the start of the file.
    pub span: Span,
    /// What.
    pub text: String,
}

impl Fault {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), labels: Vec::new(), help: None, source: None }
    }

    pub(crate) fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// What kind of mistake it is.
    pub fn kind(&self) -> Code {
        self.code
    }

    /// Where it is: the first place is the one to look at.
    pub fn places(&self) -> &[Label] {
        &self.labels
    }

    /// What to do.
    pub fn fix(&self) -> Option<&str> {
        self.help.as_deref()
    }

    fn same(&self, other: &Self) -> bool {
        (self.code, &self.message, &self.labels) == (other.code, &other.message, &other.labels)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl Diagnostic for Fault {
    fn code(&self) -> Option<Box<dyn fmt::Display + '_>> {
        Some(Box::new(self.code.as_str()))
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_deref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().enumerate().map(|(number, Label { span, text })| {
            let span = (span.start, span.len());
            match number {
                0 => LabeledSpan::new_primary_with_span(Some(text.clone()), span),
                _ => LabeledSpan::new_with_span(Some(text.clone()), span),
            }
        })))
    }
}

/// All that is wrong with a manifest, from top to bottom. Never empty.
#[derive(Debug, Clone)]
pub struct Faults {
    faults: Vec<Fault>,
    source: Arc<NamedSource<String>>,
}

impl Faults {
    /// The mistakes.
    pub fn list(&self) -> &[Fault] {
        &self.faults
    }

    /// As text for people, `width` columns wide, each with the lines it is about.
    pub fn text(&self, width: usize, colour: bool) -> String {
        let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(width.max(40))
            .with_links(false)
            // Names have hyphens: a name broken in two is not to be found again.
            .with_word_splitter(textwrap::WordSplitter::NoHyphenation);
        let mut text = String::new();
        for (number, fault) in self.faults.iter().enumerate() {
            if number > 0 {
                text.push('\n');
            }
            if handler.render_report(&mut text, fault).is_err() {
                // Without its picture, a mistake is still worth its sentence.
                text.push_str(&format!("{}: {fault}\n", fault.code.as_str()));
            }
        }
        text
    }

    /// For programs: `[{"code", "message", "help", "file", "labels": [{"text", "offset", "length", "line", "column"}]}]`,
    /// with offsets and lengths in bytes, lines and columns from 1, columns in characters.
    pub fn json(&self) -> serde_json::Value {
        let text = self.source.inner();
        let label = |Label { span, text: label }: &Label| {
            let (line, column) = position(text, span.start);
            serde_json::json!({
                "text": label, "offset": span.start, "length": span.len(), "line": line, "column": column,
            })
        };
        let fault = |fault: &Fault| {
            serde_json::json!({
                "code": fault.code.as_str(),
                "message": fault.message,
                "help": fault.help,
                "file": self.source.name(),
                "labels": fault.labels.iter().map(label).collect::<Vec<_>>(),
            })
        };
        self.faults.iter().map(fault).collect()
    }
}

impl fmt::Display for Faults {
    /// One line a mistake: `greenroom.toml:23: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.faults.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            match fault.labels.first() {
                Some(label) => {
                    let (line, _) = position(self.source.inner(), label.span.start);
                    write!(f, "{}:{line}: {fault}", self.source.name())?;
                }
                None => write!(f, "{}: {fault}", self.source.name())?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Line and column of a byte, from 1; columns in characters.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

/// Where mistakes are collected.
pub(crate) struct Sink<'t> {
    text: &'t str,
    faults: RefCell<Vec<Fault>>,
}

impl<'t> Sink<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, faults: RefCell::default() }
    }

    /// Adds a mistake, unless it is already there: what the profiles have in common is checked once with each.
    pub(crate) fn add(&self, fault: Fault) {
        let mut faults = self.faults.borrow_mut();
        if !faults.iter().any(|other| other.same(&fault)) {
            faults.push(fault);
        }
    }

    /// The line of a byte, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        position(self.text, offset).0
    }

    /// All mistakes, or none if there are none.
    pub(crate) fn into_faults(self, file: &Path) -> Option<Faults> {
        let mut faults = self.faults.into_inner();
        if faults.is_empty() {
            return None;
        }
        faults.sort_by_key(|fault| fault.labels.first().map_or(0, |label| label.span.start));
        let source = Arc::new(NamedSource::new(file.display().to_string(), self.text.to_owned()));
        for fault in &mut faults {
            fault.source = Some(Arc::clone(&source));
        }
        Some(Faults { faults, source })
    }
}
