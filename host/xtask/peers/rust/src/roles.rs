//! The programs, as the actors in `actors/bench` are, message for message. What an actor does is the same in every library;
//! each brings its own references, mailboxes and scheduling, behind [`Library`].

/// Windows and sizes, as there.
const NODES: u64 = 100;
const WINDOW: u64 = 512;
const WORKERS: u64 = 60;
const JOBS: u64 = 16;
const WAVE: u64 = 500;
const PLAYERS: u64 = 120;
const CREATURES: usize = 100;

/// What an actor can do while it handles a message.
pub trait Library {
    /// A reference to an actor.
    type Ref: Clone;

    fn own(&self) -> Self::Ref;
    fn send(&self, to: &Self::Ref, message: Message<Self::Ref>);
    fn spawn(&self, role: Role<Self::Ref>) -> Self::Ref;
    /// Ends this actor after this message.
    fn stop(&mut self);
    /// All is done: tells the main program how many messages there were.
    fn done(&self, messages: u64);
}

/// What the actors tell each other.
pub enum Message<R> {
    Start { units: u64 },
    Bounce { from: R, left: u64 },
    Token { left: u64 },
    Add,
    Pass { from: R },
    Passed,
    Retrieve { from: R },
    Counted { count: u64 },
    Work,
    Report { from: R },
    Once { from: R },
    Finished { from: R, jobs: u64 },
    Meet { players: Vec<R> },
    Go { from: R, pings: u64 },
    Ping { from: R },
    Pong,
    Over,
    Come { from: R, colour: u8 },
    Encounter { whom: R, colour: u8 },
    Change { colour: u8 },
    Fade,
    Faded { meetings: u64 },
}

/// Who an actor is.
pub enum Role<R> {
    Ping { pong: Option<R>, messages: u64 },
    Pong,
    Ring { next: Option<R>, hops: u64 },
    Node { next: R },
    Producer { counter: Option<R>, left: u64, units: u64, messages: u64 },
    Counter { count: u64 },
    Forker { workers: Vec<R>, left: u64, awaited: u64, messages: u64 },
    Creator { wave: u64, units: u64, left: u64, awaited: u64, done: u64 },
    Worker { jobs: u64, result: f64 },
    Sink { players: Vec<R>, pings: u64, awaited: u64 },
    Player { players: Vec<R>, random: u64, left: u64, sink: Option<R> },
    Mall { creatures: Vec<R>, waiting: Option<R>, meetings: u64, left: u64, about: usize, sum: u64 },
    Creature { colour: u8, meetings: u64, mall: Option<R> },
}

impl<R: Clone> Role<R> {
    /// Who is told `Start`. None: there is no such program here.
    pub fn of(pattern: &str) -> Option<Self> {
        let creator = |wave| Self::Creator { wave, units: 0, left: 0, awaited: 0, done: 0 };
        Some(match pattern {
            "ping-pong" => Self::Ping { pong: None, messages: 0 },
            "ring" => Self::Ring { next: None, hops: 0 },
            "counting" => Self::Producer { counter: None, left: 0, units: 0, messages: 0 },
            "fork-join" => Self::Forker { workers: Vec::new(), left: 0, awaited: 0, messages: 0 },
            "creation" => creator(WAVE),
            "spawn" => creator(1),
            "big" => Self::Sink { players: Vec::new(), pings: 0, awaited: 0 },
            "chameneos" => Self::Mall { creatures: Vec::new(), waiting: None, meetings: 0, left: 0, about: 0, sum: 0 },
            _ => return None,
        })
    }

    /// Handles one message.
    pub fn handle<L: Library<Ref = R>>(&mut self, message: Message<R>, library: &mut L) {
        match (&mut *self, message) {
            (Self::Ping { pong, messages }, Message::Start { units }) => {
                *messages = units.max(1).next_multiple_of(2);
                let pong = pong.get_or_insert_with(|| library.spawn(Self::Pong));
                library.send(pong, Message::Bounce { from: library.own(), left: *messages - 1 });
            }
            (Self::Ping { messages, .. }, Message::Bounce { left: 0, .. }) => library.done(*messages),
            (Self::Ping { .. } | Self::Pong, Message::Bounce { from, left }) => {
                library.send(&from, Message::Bounce { from: library.own(), left: left - 1 });
            }

            (Self::Ring { next, hops }, Message::Start { units }) => {
                *hops = units.max(1).next_multiple_of(NODES);
                let next = next.get_or_insert_with(|| {
                    (1..NODES).fold(library.own(), |next, _| library.spawn(Self::Node { next }))
                });
                library.send(next, Message::Token { left: *hops - 1 });
            }
            (Self::Ring { hops, .. }, Message::Token { left: 0 }) => library.done(*hops),
            (Self::Ring { next: Some(next), .. } | Self::Node { next }, Message::Token { left }) => {
                library.send(next, Message::Token { left: left - 1 });
            }

            (Self::Producer { counter, left, units: all, messages }, Message::Start { units }) => {
                counter.get_or_insert_with(|| library.spawn(Self::Counter { count: 0 }));
                (*left, *all, *messages) = (units, units, 0);
                self.produce(library);
            }
            (Self::Producer { .. }, Message::Passed) => self.produce(library),
            (Self::Producer { units, messages, .. }, Message::Counted { count }) => {
                assert_eq!(count, *units);
                library.done(*messages);
            }
            (Self::Counter { count }, Message::Add) => *count += 1,
            (Self::Counter { .. }, Message::Pass { from }) => library.send(&from, Message::Passed),
            (Self::Counter { count }, Message::Retrieve { from }) => {
                library.send(&from, Message::Counted { count: std::mem::take(count) });
            }

            (Self::Forker { workers, left, awaited, messages }, Message::Start { units }) => {
                if workers.is_empty() {
                    *workers = (0..WORKERS).map(|_| library.spawn(Self::Worker { jobs: 0, result: 0.0 })).collect();
                }
                (*left, *awaited, *messages) = (units, units, 0);
                for worker in workers.clone() {
                    self.give_out(&worker, library);
                }
            }
            (Self::Creator { units: all, left, done, .. }, Message::Start { units }) => {
                (*all, *left, *done) = (units, units, 0);
                self.create(library);
            }
            (Self::Forker { awaited, .. }, Message::Finished { from, jobs }) => {
                *awaited -= jobs;
                self.give_out(&from, library);
            }
            (Self::Creator { awaited, done, .. }, Message::Finished { jobs, .. }) => {
                *done += jobs;
                *awaited -= 1;
                if *awaited == 0 {
                    self.create(library);
                }
            }
            (Self::Worker { .. }, Message::Work) => _ = self.work(),
            (Self::Worker { .. }, Message::Report { from }) => {
                let jobs = self.work();
                library.send(&from, Message::Finished { from: library.own(), jobs });
                let Self::Worker { jobs, .. } = self else { return };
                *jobs = 0;
            }
            (Self::Worker { .. }, Message::Once { from }) => {
                let jobs = self.work();
                library.send(&from, Message::Finished { from: library.own(), jobs });
                library.stop();
            }

            (Self::Sink { players, pings, awaited }, Message::Start { units }) => {
                if players.is_empty() {
                    let player = |random| Self::Player { players: Vec::new(), random, left: 0, sink: None };
                    *players = (1..=PLAYERS).map(|seed| library.spawn(player(seed))).collect();
                    for player in &*players {
                        library.send(player, Message::Meet { players: players.clone() });
                    }
                }
                *pings = units.div_ceil(PLAYERS).max(1);
                *awaited = PLAYERS;
                for player in players {
                    library.send(player, Message::Go { from: library.own(), pings: *pings });
                }
            }
            (Self::Sink { pings, awaited, .. }, Message::Over) => {
                *awaited -= 1;
                if *awaited == 0 {
                    library.done(PLAYERS * (2 * *pings + 2));
                }
            }
            (Self::Player { players, .. }, Message::Meet { players: all }) => *players = all,
            (Self::Player { left, sink, .. }, Message::Go { from, pings }) => {
                (*sink, *left) = (Some(from), pings);
                self.ping(library);
            }
            (Self::Player { .. }, Message::Ping { from }) => library.send(&from, Message::Pong),
            (Self::Player { .. }, Message::Pong) => self.ping(library),

            (Self::Mall { creatures, meetings, left, about, sum, .. }, Message::Start { units }) => {
                if creatures.is_empty() {
                    let creature = |number| Self::Creature { colour: (number % 3) as u8, meetings: 0, mall: None };
                    *creatures = (0..CREATURES).map(|number| library.spawn(creature(number))).collect();
                }
                (*meetings, *left, *about, *sum) = (units, units, CREATURES, 0);
                for creature in creatures {
                    library.send(creature, Message::Go { from: library.own(), pings: 0 });
                }
            }
            (Self::Mall { left: 0, .. }, Message::Come { from, .. }) => library.send(&from, Message::Fade),
            (Self::Mall { waiting, left, .. }, Message::Come { from, colour }) => match waiting.take() {
                None => *waiting = Some(from),
                Some(waiting) => {
                    library.send(&waiting, Message::Encounter { whom: from, colour });
                    *left -= 1;
                }
            },
            (Self::Mall { meetings, about, sum, .. }, Message::Faded { meetings: had }) => {
                *sum += had;
                *about -= 1;
                if *about == 0 {
                    assert_eq!(*sum, 2 * *meetings);
                    library.done(4 * *meetings + 4 * CREATURES as u64);
                }
            }
            (Self::Creature { mall, .. }, Message::Go { from, .. }) => {
                *mall = Some(from);
                self.come(library);
            }
            (Self::Creature { colour, meetings, .. }, Message::Encounter { whom, colour: other }) => {
                if *colour != other {
                    *colour = 3 - *colour - other;
                }
                *meetings += 1;
                library.send(&whom, Message::Change { colour: *colour });
                self.come(library);
            }
            (Self::Creature { colour, meetings, .. }, Message::Change { colour: new }) => {
                *colour = new;
                *meetings += 1;
                self.come(library);
            }
            (Self::Creature { meetings, mall: Some(mall), .. }, Message::Fade) => {
                library.send(mall, Message::Faded { meetings: std::mem::take(meetings) });
            }
            _ => panic!("an actor was sent what it does not understand"),
        }
    }

    fn produce<L: Library<Ref = R>>(&mut self, library: &L) {
        let Self::Producer { counter: Some(counter), left, messages, .. } = self else { return };
        let window = (*left).min(WINDOW);
        for _ in 0..window {
            library.send(counter, Message::Add);
        }
        *left -= window;
        *messages += window + 2;
        let from = library.own();
        library.send(counter, if *left == 0 { Message::Retrieve { from } } else { Message::Pass { from } });
    }

    /// Gives a worker its next jobs, if there are any. All is done when none is awaited any more.
    fn give_out<L: Library<Ref = R>>(&mut self, worker: &R, library: &L) {
        let Self::Forker { left, awaited, messages, .. } = self else { return };
        let window = (*left).min(JOBS);
        for job in 1..=window {
            let message = if job == window { Message::Report { from: library.own() } } else { Message::Work };
            library.send(worker, message);
        }
        *left -= window;
        *messages += if window > 0 { window + 1 } else { 0 };
        if *awaited == 0 {
            library.done(*messages);
        }
    }

    fn create<L: Library<Ref = R>>(&mut self, library: &L) {
        let Self::Creator { wave, units, left, awaited, done } = self else { return };
        if *left == 0 {
            assert_eq!(*units, *done);
            return library.done(2 * *done);
        }
        let now = (*left).min(*wave);
        for _ in 0..now {
            let worker = library.spawn(Self::Worker { jobs: 0, result: 0.0 });
            library.send(&worker, Message::Once { from: library.own() });
        }
        *left -= now;
        *awaited = now;
    }

    /// Does a job: how many it has done by then.
    fn work(&mut self) -> u64 {
        let Self::Worker { jobs, result } = self else { return 0 };
        *result += (37.2 + *result).sin().powi(2);
        *jobs += 1;
        *jobs
    }

    fn ping<L: Library<Ref = R>>(&mut self, library: &L) {
        let Self::Player { players, random, left, sink: Some(sink) } = self else { return };
        if *left == 0 {
            return library.send(sink, Message::Over);
        }
        *left -= 1;
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        let whom = &players[(*random % PLAYERS) as usize];
        library.send(whom, Message::Ping { from: library.own() });
    }

    fn come<L: Library<Ref = R>>(&self, library: &L) {
        let Self::Creature { colour, mall: Some(mall), .. } = self else { return };
        library.send(mall, Message::Come { from: library.own(), colour: *colour });
    }
}
