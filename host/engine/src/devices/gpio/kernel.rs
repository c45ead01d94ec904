//! The kernel's GPIO character device, by its second ABI (Linux 5.10).

use super::board::{Board, Chip, Chips, Driven, Edge, Info, Request, Watched};
use gpiocdev::line::{self, EdgeDetection, EdgeKind, Value};
use greenroom_manifest::Bias;
use rustix::time::{ClockId, clock_gettime};
use std::collections::HashSet;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

/// This machine's.
#[derive(Debug, Clone, Copy)]
pub(in crate::devices) struct Kernel;

impl Board for Kernel {
    fn chips(&self) -> io::Result<Chips> {
        let (mut chips, mut seen) = (Chips::default(), HashSet::new());
        for path in gpiocdev::chip::chips().map_err(io)? {
            // Two files may be one chip: a Pi 5's gpiochip4 is another name of its gpiochip0.
            if !fs::metadata(&path).is_ok_and(|metadata| seen.insert(metadata.rdev())) {
                continue;
            }
            match gpiocdev::Chip::from_path(&path).and_then(|chip| chip.info()) {
                Ok(info) => {
                    chips.open.push(Chip { path, name: info.name, label: info.label, lines: info.num_lines });
                }
                Err(error) => chips.shut.push((path, io(error))),
            }
        }
        Ok(chips)
    }

    fn info(&self, chip: &Path, offset: u32) -> io::Result<Info> {
        let info = gpiocdev::Chip::from_path(chip).and_then(|chip| chip.line_info(offset)).map_err(io)?;
        Ok(Info { name: info.name, consumer: info.consumer })
    }

    fn output(&self, request: &Request, on: bool) -> io::Result<Box<dyn Driven>> {
        // The level is part of the request: the line goes from what it was to that, and to nothing else in between.
        let line = builder(request).as_output(Value::from(on)).request().map_err(io)?;
        Ok(Box::new(Line(line)))
    }

    fn input(&self, request: &Request, bias: Option<Bias>, debounce: Duration) -> io::Result<Box<dyn Watched>> {
        let mut builder = builder(request);
        builder.as_input().with_edge_detection(EdgeDetection::BothEdges).with_bias(bias.map(|bias| match bias {
            Bias::PullUp => line::Bias::PullUp,
            Bias::PullDown => line::Bias::PullDown,
            Bias::Disabled => line::Bias::Disabled,
        }));
        if !debounce.is_zero() {
            builder.with_debounce_period(debounce);
        }
        Ok(Box::new(Line(builder.request().map_err(io)?)))
    }

    fn group(&self, file: &Path) -> Option<String> {
        let id = fs::metadata(file).ok()?.gid();
        let groups = fs::read_to_string("/etc/group").ok()?;
        // group(5): name, password, id, members.
        groups.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (id != 0 && fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
        })
    }

    fn monotonic(&self) -> Duration {
        Duration::try_from(clock_gettime(ClockId::Monotonic)).unwrap_or_default()
    }
}

/// A line of its own request: what happens to one does not concern the others.
struct Line(gpiocdev::Request);

impl Driven for Line {
    fn set(&self, on: bool) -> io::Result<()> {
        self.0.set_lone_value(Value::from(on)).map_err(io)
    }

    fn level(&self) -> io::Result<bool> {
        self.0.lone_value().map(bool::from).map_err(io)
    }
}

impl Watched for Line {
    fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    fn level(&self) -> io::Result<bool> {
        self.0.lone_value().map(bool::from).map_err(io)
    }

    fn edge(&self) -> io::Result<Option<Edge>> {
        let event = match self.0.has_edge_event() {
            Ok(true) => self.0.read_edge_event(),
            Ok(false) => return Ok(None),
            Err(error) => Err(error),
        };
        match event.map_err(io) {
            Ok(event) => {
                let monotonic = Duration::from_nanos(event.timestamp_ns);
                Ok(Some(Edge { on: event.kind == EdgeKind::Rising, monotonic }))
            }
            // A signal. The change is still there for the next look.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn builder(request: &Request) -> gpiocdev::request::Builder {
    let mut builder = gpiocdev::Request::builder();
    builder.on_chip(&request.chip).with_line(request.offset).with_consumer(request.consumer.as_str());
    if request.active_low {
        builder.as_active_low();
    }
    builder
}

/// With the kernel's error number, if there was one: that is what the sentences of `refusal` go by.
fn io(error: gpiocdev::Error) -> io::Error {
    match error {
        gpiocdev::Error::Os(number) | gpiocdev::Error::Uapi(_, gpiocdev_uapi::Error::Os(number)) if number.0 != 0 => {
            io::Error::from_raw_os_error(number.0)
        }
        error => io::Error::other(error.to_string()),
    }
}
