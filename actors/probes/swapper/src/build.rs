//! Which build this is: a text that tests write anew into the finished component, so that any number of builds, good and
//! bad, are made of one.

use greenroom::prelude::*;
use std::hint::black_box;

/// Marker, number, place of the fault, how many times that goes well, kind of the fault: each as long as it is here.
static BUILD: [u8; 52] = *b"GREENROOM-BUILD:00000001 none     00000000 none     ";
/// How long the marker is.
const MARKER: usize = 16;

/// What a build is, and what is wrong with it.
pub(crate) struct Build {
    pub(crate) number: u64,
    place: &'static str,
    times: u64,
    kind: &'static str,
}

impl Build {
    /// This build.
    pub(crate) fn this() -> Self {
        // Not what the compiler has seen: what is there now.
        let text = std::str::from_utf8(&black_box(&BUILD)[MARKER..]).unwrap_or_default();
        let mut words = text.split_ascii_whitespace();
        let mut word = || words.next().unwrap_or_default();
        let (number, place, times, kind) = (word(), word(), word(), word());
        let read = |number: &str| number.parse().unwrap_or_default();
        Self { number: read(number), place, times: read(times), kind }
    }

    /// Whether it fails at a place.
    pub(crate) fn is_at(&self, place: &str) -> bool {
        self.place == place
    }

    /// Fails, if it is to here, and this has gone well as often as it may; in `resume`, if so many notes were heard.
    pub(crate) fn reach(&self, place: &str, before: u64) -> Result<()> {
        if self.is_at(place) && before >= self.times { self.fail() } else { Ok(()) }
    }

    fn fail(&self) -> Result<()> {
        match self.kind {
            "trap" => panic!("build {} traps in {}", self.number, self.place),
            "spin" => loop {
                black_box(self.number);
            },
            "grow" => {
                let mut all = Vec::new();
                loop {
                    all.push(black_box(vec![1_u8; 1 << 20]));
                }
            }
            _ => Err(Error::new(format_args!("build {} fails in {}", self.number, self.place))),
        }
    }
}
