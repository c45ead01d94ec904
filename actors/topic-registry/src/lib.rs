//! Decides who hears what is published: takes subscriptions, keeps to the manifest's rules, forgets receivers that ended,
//! and writes the routes along which the host delivers.
//!
//! The routes are the host's and outlive this actor, so it keeps no state of its own: it begins by reading them back.

mod pattern;
#[cfg(test)]
mod tests;

use greenroom::prelude::*;
use std::collections::BTreeMap;

/// The actor.
pub struct TopicRegistry {
    config: Config,
    /// Who hears what, in the order of their subscriptions.
    routes: Vec<(String, Vec<Address>)>,
    monitors: BTreeMap<Monitor, Address>,
}

/// Its table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// Who may hear what: patterns, and the names of the actors that may subscribe to them. Without this table whoever
    /// the manifest grants it may. Needs the grants `tell:NAME` for the names in it.
    pub allow: Option<BTreeMap<String, Vec<String>>>,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The sender wants to hear what is published on topics of a pattern.
    Register {
        /// The pattern.
        pattern: String,
    },
    /// The sender no longer wants to.
    Deregister {
        /// The pattern.
        pattern: String,
    },
    /// Who hears what is published on a topic: answered with their addresses.
    WhichReceivers {
        /// The topic.
        topic: String,
    },
}

impl TopicRegistry {
    fn register(&mut self, pattern: String, ctx: &mut Context<Self>) -> Result<Next> {
        let Some(subscriber) = ctx.sender() else {
            return ctx.refuse("only an actor can subscribe");
        };
        if !self.allows(&pattern, subscriber, ctx)? {
            return ctx.refuse(format!("the rules of the topic registry do not let you hear `{pattern}`"));
        }
        let mut receivers = self.receivers(&pattern);
        if !receivers.contains(&subscriber) {
            receivers.push(subscriber);
            if let Err(why) = ctx.set_route(&pattern, &receivers) {
                return ctx.refuse(why.to_string());
            }
            self.set(pattern, receivers);
        }
        self.watch(subscriber, ctx);
        ctx.reply("registered")
    }

    fn deregister(&mut self, pattern: String, ctx: &mut Context<Self>) -> Result<Next> {
        let Some(subscriber) = ctx.sender() else {
            return ctx.refuse("only an actor can unsubscribe");
        };
        let mut receivers = self.receivers(&pattern);
        if receivers.contains(&subscriber) {
            receivers.retain(|receiver| *receiver != subscriber);
            ctx.set_route(&pattern, &receivers)?;
            self.set(pattern, receivers);
        }
        self.unwatch_if_gone(subscriber, ctx);
        ctx.reply("deregistered")
    }

    fn which_receivers(&self, topic: &str) -> Vec<Address> {
        let mut all = Vec::new();
        for (_, receivers) in self.routes.iter().filter(|(pattern, _)| pattern::covers(pattern, topic)) {
            for receiver in receivers {
                if !all.contains(receiver) {
                    all.push(*receiver);
                }
            }
        }
        all
    }

    fn allows(&self, wanted: &str, subscriber: Address, ctx: &Context<Self>) -> Result<bool> {
        let Some(rules) = &self.config.allow else { return Ok(true) };
        for (_, names) in rules.iter().filter(|(pattern, _)| pattern::covers(pattern, wanted)) {
            for name in names {
                if ctx.lookup(name)? == Some(subscriber) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn receivers(&self, pattern: &str) -> Vec<Address> {
        self.routes.iter().find(|(there, _)| there == pattern).map(|(_, all)| all.clone()).unwrap_or_default()
    }

    fn set(&mut self, pattern: String, receivers: Vec<Address>) {
        match self.routes.iter_mut().find(|(there, _)| *there == pattern) {
            Some((_, there)) => *there = receivers,
            None => self.routes.push((pattern, receivers)),
        }
        self.routes.retain(|(_, receivers)| !receivers.is_empty());
    }

    fn watch(&mut self, whom: Address, ctx: &Context<Self>) {
        if !self.monitors.values().any(|watched| *watched == whom) {
            self.monitors.insert(ctx.monitor(whom), whom);
        }
    }

    fn unwatch_if_gone(&mut self, whom: Address, ctx: &Context<Self>) {
        if self.routes.iter().any(|(_, receivers)| receivers.contains(&whom)) {
            return;
        }
        self.monitors.retain(|monitor, watched| {
            if *watched == whom {
                ctx.demonitor(*monitor);
            }
            *watched != whom
        });
    }
}

impl Actor for TopicRegistry {
    type Config = Config;
    type Message = Order;

    fn init(config: Config, ctx: &mut Context<Self>) -> Result<Self> {
        let mut registry = Self { config, routes: ctx.routes()?, monitors: BTreeMap::new() };
        // Whoever ended meanwhile is told at once, as `no-actor`.
        let receivers: Vec<Address> = registry.routes.iter().flat_map(|(_, receivers)| receivers).copied().collect();
        for receiver in receivers {
            registry.watch(receiver, ctx);
        }
        Ok(registry)
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Register { pattern } => self.register(pattern, ctx),
            Order::Deregister { pattern } => self.deregister(pattern, ctx),
            Order::WhichReceivers { topic } => ctx.reply(&self.which_receivers(&topic)),
        }
    }

    fn down(&mut self, monitor: Monitor, who: Address, _: Reason, ctx: &mut Context<Self>) -> Result<Next> {
        self.monitors.remove(&monitor);
        for (pattern, receivers) in &mut self.routes {
            let before = receivers.len();
            receivers.retain(|receiver| *receiver != who);
            if receivers.len() < before {
                ctx.set_route(pattern, receivers)?;
            }
        }
        self.routes.retain(|(_, receivers)| !receivers.is_empty());
        Ok(Next::Same)
    }
}

greenroom::export!(TopicRegistry);
