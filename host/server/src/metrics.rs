//! `/metrics`: OpenMetrics text, counters and gauges as of the moment of asking.

use crate::problem::Problem;
use crate::router::{STREAMS, Server};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use greenroom_engine::hub::Counts;
use greenroom_engine::view::{ActorView, Counters, DeviceView, Node};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeMetric, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::fmt;
use std::sync::Arc;

/// As the OpenMetrics specification names it.
const MEDIA: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `GET /metrics`.
pub(crate) async fn give(State(server): State<Arc<Server>>) -> Result<Response, Problem> {
    let handle = &server.handle;
    let host = handle.host();
    let info = Info::new([("name", host.name), ("version", host.version.into())]);
    let scene = Scene {
        uptime_seconds: host.uptime_seconds,
        actors: handle.named().into_iter().filter_map(actor).collect(),
        devices: handle.devices(),
        counters: handle.counters(),
        hub: handle.hub().counts(),
        streams: STREAMS - server.places.available_permits(),
    };
    let mut registry = Registry::with_prefix("greenroom");
    registry.register("host", "The host", info);
    registry.register_collector(Box::new(scene));
    let mut body = String::new();
    text::encode(&mut body, &registry).map_err(|error| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            format!("the metrics could not be written: {error}"),
        )
    })?;
    Ok(([(header::CONTENT_TYPE, MEDIA)], body).into_response())
}

/// What is measured, at one moment.
#[derive(Debug)]
struct Scene {
    uptime_seconds: f64,
    /// Those that the manifest names: as many as that, however many they spawn. Each with whether it runs.
    actors: Vec<(String, bool, ActorView)>,
    devices: Vec<DeviceView>,
    counters: Counters,
    hub: Counts,
    streams: usize,
}

fn actor(node: Node) -> Option<(String, bool, ActorView)> {
    let runs = matches!(node.state, "running" | "asleep");
    Some((node.name, runs, node.actor?))
}

type Label<'a> = [(&'a str, &'a str); 1];

struct Encoder<'a>(DescriptorEncoder<'a>);

impl Encoder<'_> {
    fn counter(&mut self, name: &str, help: &str, value: impl EncodeCounterValue) -> fmt::Result {
        self.one(name, help, None, ConstCounter::new(value))
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl EncodeGaugeValue) -> fmt::Result {
        self.one(name, help, None, ConstGauge::new(value))
    }

    fn one(&mut self, name: &str, help: &str, unit: Option<Unit>, metric: impl EncodeMetric) -> fmt::Result {
        metric.encode(self.0.encode_descriptor(name, help, unit.as_ref(), metric.metric_type())?)
    }

    /// One metric for each of several things, told apart by labels. Nothing if there are none.
    fn family<'a, const N: usize, M: EncodeMetric>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<Unit>,
        kind: MetricType,
        each: impl Iterator<Item = ([(&'a str, &'a str); N], M)>,
    ) -> fmt::Result {
        let mut each = each.peekable();
        if each.peek().is_none() {
            return Ok(());
        }
        let mut family = self.0.encode_descriptor(name, help, unit.as_ref(), kind)?;
        for (labels, metric) in each {
            metric.encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

impl Collector for Scene {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut out = Encoder(encoder);
        self.host(&mut out)?;
        self.streams(&mut out)?;
        self.each_actor(&mut out)?;
        self.each_device(&mut out)
    }
}

impl Scene {
    fn host(&self, out: &mut Encoder<'_>) -> fmt::Result {
        let c = &self.counters;
        out.one("uptime", "Time since the host's start", Some(Unit::Seconds), ConstGauge::new(self.uptime_seconds))?;
        out.gauge("actors", "Actors alive", c.actors)?;
        out.gauge("actors_asleep", "Actors that are put away while they are idle", c.actors_asleep)?;
        out.counter("sleeps", "Times that actors were put away", c.sleeps)?;
        out.counter("wakes", "Times that actors were woken", c.wakes)?;
        out.counter("turns", "Turns", c.turns)?;
        let turns = ConstCounter::new(c.turn_nanoseconds as f64 / 1e9);
        out.one("turn_cpu", "CPU time in turns", Some(Unit::Seconds), turns)?;
        out.counter("messages", "Messages that went into a mailbox", c.messages)?;
        out.counter("published", "Messages on topics", c.published)?;
        out.counter("dead_letters", "Messages that reached nobody", c.dead_letters)?;
        out.counter("messages_lost", "Messages lost with the turn that handled them", c.lost)?;
        out.counter("faults", "Turns that trapped, ran out of time or of memory", c.faults)?;
        out.counter("restarts", "Restarts by supervisors", c.restarts)?;
        let swaps = [("taken", c.swaps), ("refused", c.swaps_failed), ("rolled-back", c.rollbacks)];
        let swaps = swaps.into_iter().map(|(outcome, count)| (label("outcome", outcome), ConstCounter::new(count)));
        out.family(
            "swaps",
            "Actors that took new code over, builds that were refused, and builds that were taken back",
            None,
            MetricType::Counter,
            swaps,
        )?;
        out.counter("kept_writes", "Times that versions and kept states were written to disk", c.kept_writes)?;
        let bytes = ConstCounter::new(c.kept_bytes);
        out.one("kept_written", "What that took of the disk", Some(Unit::Bytes), bytes)
    }

    fn streams(&self, out: &mut Encoder<'_>) -> fmt::Result {
        let hub = &self.hub;
        out.gauge("streams", "Event streams open", self.streams as u64)?;
        out.gauge("topics", "Topics with messages", hub.topics as u64)?;
        out.gauge("history_messages", "Messages kept for streams", hub.held as u64)?;
        out.one("history", "What they take", Some(Unit::Bytes), ConstGauge::new(hub.bytes as u64))?;
        out.counter("history_dropped", "Messages no longer kept", hub.dropped)?;
        out.counter("topics_forgotten", "Topics forgotten, because there were too many", hub.forgotten)
    }

    fn each_actor(&self, out: &mut Encoder<'_>) -> fmt::Result {
        let actors = || self.actors.iter().map(|(name, running, actor)| (label("actor", name), *running, actor));
        let gauge = |of: fn(&ActorView) -> u64| actors().map(move |(label, _, a)| (label, ConstGauge::new(of(a))));
        let counter = |of: fn(&ActorView) -> u64| actors().map(move |(label, _, a)| (label, ConstCounter::new(of(a))));
        let running = actors().map(|(label, running, _)| (label, ConstGauge::new(u64::from(running))));
        let (count, now) = (MetricType::Counter, MetricType::Gauge);
        out.family("actor_running", "Whether the actor runs", None, now, running)?;
        out.family("actor_turns", "The actor's turns", None, count, counter(|a| a.turns))?;
        out.family("actor_restarts", "The actor's restarts", None, count, counter(|a| a.restarts))?;
        out.family("actor_dropped", "Messages lost to its full mailbox", None, count, counter(|a| a.dropped))?;
        out.family("actor_waiting", "Messages in its mailbox", None, now, gauge(|a| a.waiting as u64))?;
        out.family("actor_memory", "Its linear memory", Some(Unit::Bytes), now, gauge(|a| a.memory_bytes))
    }

    fn each_device(&self, out: &mut Encoder<'_>) -> fmt::Result {
        let devices = || self.devices.iter();
        let missing = devices()
            .map(|device| (label("device", &device.name), ConstGauge::new(u64::from(device.missing.is_some()))));
        out.family("device_missing", "Whether the device gives no value", None, MetricType::Gauge, missing)?;
        let values = devices().filter(|device| device.missing.is_none()).filter_map(|device| {
            let labels = [("device", device.name.as_str()), ("unit", device.unit.as_str())];
            Some((labels, ConstGauge::new(device.value?)))
        });
        out.family("device_value", "The device's value, in its own unit", None, MetricType::Gauge, values)
    }
}

fn label<'a>(name: &'a str, value: &'a str) -> Label<'a> {
    [(name, value)]
}
