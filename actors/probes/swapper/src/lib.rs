//! Does what a swap carries over, and fails where its build says: see `build.rs`.

mod build;

use build::Build;
use greenroom::prelude::*;
use serde::Serializer;
use serde::ser::Error as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// The probe.
pub struct Swapper {
    kept: Kept,
    began: &'static str,
    /// Messages that this code has handled.
    messages: u64,
}

/// What it keeps.
#[derive(Default, Serialize, Deserialize)]
pub struct Kept {
    /// What it has heard, oldest first.
    heard: Vec<String>,
    /// Whether it puts notes aside.
    #[serde(default)]
    shut: bool,
    #[serde(skip_deserializing, serialize_with = "at_save")]
    save: (),
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Hear this, and tell it on `test/heard` as [`Heard`].
    Note {
        /// What.
        text: String,
    },
    /// The same, told and answered and not kept.
    Pass {
        /// What.
        text: String,
    },
    /// Put notes aside from now on.
    Shut,
    /// Take them.
    Open,
    /// Hear a note after a time. Answered with the timer.
    Once {
        /// How long from now.
        after: Duration,
        /// What.
        text: String,
    },
    /// Hear a note again and again. Answered with the timer.
    Every {
        /// How often.
        every: Duration,
        /// What.
        text: String,
    },
    /// Cancel a timer.
    Cancel {
        /// Which.
        timer: Timer,
    },
    /// Ask an actor, with a message of this kind, and hear the answer when it comes.
    Ask {
        /// Whom.
        to: Address,
        /// What.
        kind: String,
    },
    /// The answer to that.
    Answer(Result<String, AskError>),
    /// Take the question over, and never answer it.
    Take,
    /// Monitor an actor, and hear of its end.
    Monitor {
        /// Whom.
        whom: Address,
    },
    /// Link an actor, and hear of its end.
    Link {
        /// Whom.
        to: Address,
    },
    /// Switch an output.
    Switch {
        /// Which.
        device: String,
        /// How.
        on: bool,
    },
    /// Spawn an actor under a name.
    Spawn {
        /// The behaviour.
        behavior: String,
        /// The name.
        name: String,
    },
    /// Become a behaviour of the manifest.
    Become {
        /// Its name.
        behavior: String,
    },
    /// Run for so many rounds.
    Work {
        /// How many.
        rounds: u64,
    },
    /// Answer with [`Which`].
    Which,
    /// End, as planned.
    Stop,
}

/// A note that was heard.
#[derive(Serialize)]
pub struct Heard {
    /// By which build.
    pub build: u64,
    /// What.
    pub text: String,
}

/// What it is.
#[derive(Serialize)]
pub struct Which<'a> {
    /// The build.
    pub build: u64,
    /// What it has heard.
    pub heard: &'a [String],
    /// How it began: `started`, `swapped`, `restarted` or `woken`.
    pub began: &'static str,
}

/// How often this code has been saved.
static SAVED: AtomicU64 = AtomicU64::new(0);

fn at_save<S: Serializer>(_: &(), serializer: S) -> Result<S::Ok, S::Error> {
    Build::this().reach("save", SAVED.fetch_add(1, Ordering::Relaxed)).map_err(S::Error::custom)?;
    serializer.serialize_unit()
}

impl Swapper {
    fn hear(&mut self, place: &str, text: String) -> Result<Next> {
        self.kept.heard.push(text);
        Build::this().reach(place, 0)?;
        Ok(Next::Same)
    }

    fn tell(text: String, ctx: &Context<Self>) -> Result<()> {
        Ok(ctx.publish("test/heard", &Heard { build: Build::this().number, text })?)
    }
}

impl Actor for Swapper {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Build::this().reach("init", 0)?;
        Ok(Self { kept: Kept::default(), began: "started", messages: 0 })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        // After everything that a message does: nothing of it may be left.
        let next = self.obey(message, ctx);
        Build::this().reach("message", self.messages)?;
        self.messages += 1;
        next
    }

    fn exited(&mut self, _: Address, why: Reason, _: &mut Context<Self>) -> Result<Next> {
        self.hear("exited", format!("exited {why}"))
    }

    fn down(&mut self, _: Monitor, _: Address, why: Reason, _: &mut Context<Self>) -> Result<Next> {
        self.hear("down", format!("down {why}"))
    }

    fn stopping(&mut self, _: Reason, _: &mut Context<Self>) {
        if let Err(why) = Build::this().reach("stopping", 0) {
            warn!("{why}");
        }
    }
}

impl Swapper {
    fn obey(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Note { .. } if self.kept.shut => return Ok(Next::Defer),
            Order::Note { text } => {
                self.kept.heard.push(text.clone());
                Self::tell(text, ctx)?;
            }
            Order::Pass { text } => Self::tell(text, ctx)?,
            Order::Shut => self.kept.shut = true,
            Order::Open => {
                self.kept.shut = false;
                ctx.reply("done")?;
                return Ok(Next::Changed);
            }
            Order::Once { after, text } => {
                let timer = ctx.send_after(after, &Order::Note { text })?;
                return ctx.reply(&timer);
            }
            Order::Every { every, text } => {
                let timer = ctx.send_every(every, &Order::Note { text })?;
                return ctx.reply(&timer);
            }
            Order::Cancel { timer } => ctx.cancel(timer),
            Order::Ask { to, kind } => {
                ctx.ask(to, &Message::new(kind, []), 3600.s(), Order::Answer)?;
            }
            Order::Answer(answer) => {
                let text = match answer {
                    Ok(answer) => answer,
                    Err(why) => why.to_string(),
                };
                return self.hear("answered", format!("answered {text}"));
            }
            Order::Take => {
                ctx.request();
            }
            Order::Monitor { whom } => {
                ctx.monitor(whom);
            }
            Order::Link { to } => {
                ctx.trap_exits(true);
                ctx.link(to);
            }
            Order::Switch { device, on } => ctx.switch(&device, on)?,
            Order::Spawn { behavior, name } => {
                ctx.spawn(behavior).named(name).start()?;
            }
            Order::Become { behavior } => return Ok(Next::Become(behavior)),
            Order::Work { rounds } => {
                for round in 0..rounds {
                    std::hint::black_box(round);
                }
            }
            Order::Which => {
                let (build, began) = (Build::this().number, self.began);
                return ctx.reply(&Which { build, heard: &self.kept.heard, began });
            }
            Order::Stop => return Ok(Next::Stop),
        }
        ctx.reply("done")
    }
}

impl State for Swapper {
    type Kept = Kept;

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(kept: Kept, _: (), occasion: Occasion, _: &mut Context<Self>) -> Result<Self> {
        Build::this().reach("resume", kept.heard.len() as u64)?;
        Ok(Self { kept, began: occasion.name(), messages: 0 })
    }
}

greenroom::export!(Swapper, state);
