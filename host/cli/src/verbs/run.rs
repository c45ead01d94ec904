//! `greenroom run`: a host, from its manifest to its end.
//!
//! The order matters: the manifest is checked before anything is touched, the address is taken before anything is
//! started, and at the end the actors stop before the page does. `dev` builds and watches sources, `show` prints what
//! happens.

mod dev;
mod show;

use super::check::{self, Manifest};
use crate::data;
use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print};
use greenroom_engine::{Host, Options, Progress, StartError};
use greenroom_manifest::Plan;
use greenroom_server::Access;
use serde_json::json;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process;
use std::time::Instant;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// Threads for the network and for what is between the turns; the engine has its own for the turns.
const THREADS: usize = 2;

/// Run a host.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    manifest: Manifest,
    /// The address to listen on, in place of the manifest's. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Build actors from source first, and again whenever their source changes.
    #[arg(long)]
    dev: bool,
}

/// Runs it until it is told to stop, or gives up. `token`: what those beyond this machine need to change something.
pub(crate) fn run(args: &Args, token: Option<&str>, print: &Print) -> Result<Exit, Failure> {
    let Some(mut plan) = args.manifest.read(print)? else { return Ok(Exit::Manifest) };
    plan.host.listen = args.listen.unwrap_or(plan.host.listen);
    let (listener, listen) = bind(plan.host.listen)?;
    let sources = if args.dev { dev::build(&plan, print)? } else { None };
    // What building takes is no part of the start.
    let began = Instant::now();
    let keys = Keys::find(&plan, listen, token)?;
    let failed = |error| Failure::new(Exit::Unexpected, format!("the machine gives no threads: {error}"));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build().map_err(failed)?;
    let ended = runtime.block_on(async {
        let mut stops = Stops::new()?;
        let options = Options {
            profile: args.manifest.profile.clone(),
            manifest: Some(args.manifest.file.clone()),
            // Without one it runs as well, and each start begins with the files.
            folder: data::kept(&plan.host, &args.manifest.file),
            artefacts: keys.folder.as_ref().map(|folder| folder.join("artefacts")),
            progress: {
                let print = *print;
                Progress::new(move |line| {
                    if !print.json() {
                        print.note(line)
                    }
                })
            },
            ..Options::default()
        };
        let started = tokio::select! {
            started = Host::start(plan.clone(), options) => started,
            exit = stops.next() => return Ok(exit),
        };
        let host = match started {
            Ok(host) => host,
            Err(error) => return not_started(&error, &plan, args, print),
        };
        let _watch = sources.map(|sources| dev::watch(sources, &host, print)).transpose()?;
        let shown = show::follow(&host, print, args.dev)?;
        banner(&plan, args, listen, &keys, began, print);
        let access = Access::new(&plan.host, listen, keys.token.clone());
        let ended = serve(host, listener, access, &mut stops, print).await;
        // What happened last is worth reading, too.
        let _ = tokio::task::spawn_blocking(move || shown.join()).await;
        ended
    });
    // A component that is still being compiled is nothing to wait for.
    runtime.shutdown_background();
    ended
}

/// Takes the address.
pub(super) fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let another = "--listen or `listen` under [host] names another";
    let bound = TcpListener::bind(listen).and_then(|listener| {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    bound.map_err(|error| {
        let why = match error.kind() {
            ErrorKind::AddrInUse => "is in use, perhaps by a host that runs already".to_owned(),
            ErrorKind::PermissionDenied => "may be listened on by root alone, as every port below 1024".to_owned(),
            ErrorKind::AddrNotAvailable => "is no address of this machine".to_owned(),
            _ => format!("cannot be listened on: {error}"),
        };
        Failure::new(Exit::Unexpected, format!("{listen} {why}; {another}"))
    })
}

/// Where the host keeps things, and what opens it to others.
struct Keys {
    folder: Option<PathBuf>,
    token: Option<String>,
    /// The token is in its file, and not from the command line.
    filed: bool,
}

impl Keys {
    /// Without a folder, components are compiled at each start; that is no reason not to start. Without a token it would
    /// be open to everybody.
    fn find(plan: &Plan, listen: SocketAddr, given: Option<&str>) -> Result<Self, Failure> {
        let folder = data::folder(&plan.host);
        let usable = folder.clone().filter(|folder| data::make(folder).is_ok());
        if listen.ip().to_canonical().is_loopback() {
            return Ok(Self { folder: usable, token: None, filed: false });
        }
        let token = match (given, &folder) {
            (Some(token), _) => token.to_owned(),
            (None, Some(folder)) => data::token(folder)?,
            (None, None) => data::random()?,
        };
        Ok(Self { filed: given.is_none() && folder.is_some(), folder: usable, token: Some(token) })
    }
}

/// Serves until the end: told to stop, given up, or no longer reachable.
async fn serve(
    host: Host,
    listener: TcpListener,
    access: Access,
    stops: &mut Stops,
    print: &Print,
) -> Result<Exit, Failure> {
    let lost = |error: String| Failure::new(Exit::Unexpected, format!("the page cannot be served: {error}"));
    let listener = tokio::net::TcpListener::from_std(listener).map_err(|error| lost(error.to_string()))?;
    let (stop, stopped) = oneshot::channel::<()>();
    let ending = async { drop(stopped.await) };
    let mut server = tokio::spawn(greenroom_server::serve(host.handle(), listener, access, ending));
    let ended = tokio::select! {
        exit = host.wait() => match exit {
            greenroom_engine::Exit::Asked => Ok(Exit::Done),
            greenroom_engine::Exit::GaveUp { reason } => Err(Failure::new(
                Exit::GaveUp,
                format!("the root supervisor gave up ({reason}); all outputs are at their safe levels"),
            )),
        },
        exit = stops.next() => Ok(exit),
        served = &mut server => Err(match served {
            Ok(Ok(())) => lost("the server ended".into()),
            Ok(Err(error)) => lost(error.to_string()),
            Err(error) => lost(error.to_string()),
        }),
    };
    if ended.is_ok() && !print.json() {
        print.note(&print.note_ink(Ink::Faint, "stopping; once more to stop at once"));
    }
    // Actors first, so that streams still tell of their ends.
    tokio::select! {
        _ = host.shutdown() => {}
        exit = stops.next() => process::exit(exit.code().into()),
    }
    drop(stop);
    if !server.is_finished() {
        tokio::select! {
            _ = &mut server => {}
            exit = stops.next() => process::exit(exit.code().into()),
        }
    }
    ended
}

/// Why it did not start.
fn not_started(error: &StartError, plan: &Plan, args: &Args, print: &Print) -> Result<Exit, Failure> {
    match error {
        StartError::Components(_) => {
            // Once more, for the picture: with the actors' names and the codes.
            let (wrong, _) = check::inspect(plan);
            if wrong.is_empty() {
                return Err(Failure::new(Exit::Component, error.to_string()));
            }
            check::show(&args.manifest.file, &wrong, print)?;
            Ok(Exit::Component)
        }
        StartError::Tree(_) => Err(Failure::new(Exit::GaveUp, error.to_string())),
        StartError::Devices(_) | StartError::Folder(_) | StartError::Limit(_) | StartError::Engine(_) => {
            Err(Failure::new(Exit::Unexpected, error.to_string()))
        }
    }
}

/// Says that it runs, and where.
fn banner(plan: &Plan, args: &Args, listen: SocketAddr, keys: &Keys, began: Instant, print: &Print) {
    // Who listens on all addresses is reached by this one, too.
    let near = match listen {
        SocketAddr::V4(address) if address.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, listen.port()).into(),
        SocketAddr::V6(address) if address.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, listen.port()).into(),
        _ => listen,
    };
    let url = format!("http://{near}");
    let token = keys.folder.as_ref().filter(|_| keys.filed).map(|folder| folder.join("token"));
    if print.json() {
        let started = json!({
            "name": plan.host.name, "profile": args.manifest.profile, "url": url, "listen": listen, "token-file": token,
        });
        return print.line(&json!({ "started": started }).to_string());
    }
    let row = |what: &str, text: &str| {
        print.note(&format!("  {}  {text}", print.note_ink(Ink::Strong, &format!("{what:8}"))))
    };
    let profile = args.manifest.profile.as_ref().map(|profile| format!("  profile {profile}")).unwrap_or_default();
    let actors = match plan.actors.len() {
        1 => "1 actor".to_owned(),
        count => format!("{count} actors"),
    };
    row("started", &format!("{}  {actors}{profile}  {} ms", plan.host.name, began.elapsed().as_millis()));
    row("page", &url);
    match (&keys.token, token) {
        (Some(_), Some(file)) => row("token", &format!("in {}", file.display())),
        (Some(token), None) if keys.folder.is_none() => row("token", token),
        _ => {}
    }
}

/// What ends the host from outside.
struct Stops {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Stops {
    fn new() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failure::new(Exit::Unexpected, format!("signals cannot be heard: {error}")))
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            // A terminal that was closed is no reason to leave outputs on.
            hangup: listen(SignalKind::hangup())?,
        })
    }

    /// The next one, and how the host ends for it.
    async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Done,
            _ = self.hangup.recv() => Exit::Done,
        }
    }
}
