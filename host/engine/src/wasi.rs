//! WASI preview 2, for components that import it: what they print goes to the actor's log, clocks and randomness are the
//! host's, and the machine's files and network are there as far as grants say.
//!
//! Owns what wasmtime's implementation leaves to its host: what is allowed, how what is not is told (`denied`), and how
//! long a turn may wait (`wait`). Its neighbours are the component before it and `wasmtime-wasi` behind it. Everything is
//! called in place, on a fiber or not: see `wait` for why that may be.

mod clocks;
mod denied;
mod files;
mod folders;
mod lines;
mod network;
mod random;
mod wait;

use crate::guest::{Guest, Seat};
use clocks::Time;
use denied::Denied;
use folders::Folders;
use lines::Lines;
use network::Network;
use random::Random;
use std::collections::HashMap;
use std::sync::Arc;
use wasmtime::component::{HasData, HasSelf, Linker};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::p2::bindings::sync as blocking;
use wasmtime_wasi::p2::bindings::{cli, clocks as clock, filesystem, io, random as chance, sockets};
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView};
use wasmtime_wasi::{ResourceTable, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

/// Files, sockets, streams and timers that one instance may hold at the same time.
const RESOURCES: usize = 1000;

/// One instance's WASI state, made when it first calls any of it.
pub(crate) struct Wasi {
    context: WasiCtx,
    table: ResourceTable,
    time: Arc<Time>,
    /// What timers there are, by the handles that wait for them.
    timers: HashMap<u32, u64>,
    random: Random,
    folders: Folders,
    network: Arc<Network>,
    denied: Arc<Denied>,
}

impl Wasi {
    fn new(guest: &Guest) -> Self {
        let cell = &guest.cell;
        let denied = Arc::new(Denied::new(cell, guest.is_shadow()));
        let time = Arc::new(Time::new(guest.shared.clock.clone()));
        let network = Arc::new(Network::new(&guest.grants, &denied));
        let mut context = WasiCtxBuilder::new();
        context.wall_clock(clocks::Wall(time.clone())).allow_blocking_current_thread(true);
        network::allow(&mut context, &network);
        // Nothing of a shadow is seen.
        if !guest.is_shadow() {
            context.stdout(Lines::new(cell, "info")).stderr(Lines::new(cell, "warn"));
        }
        let mut table = ResourceTable::new();
        table.set_max_capacity(RESOURCES);
        Self {
            context: context.build(),
            table,
            time,
            timers: HashMap::new(),
            random: Random::new(guest),
            folders: Folders::open(&guest.grants, &guest.shared.plan.folder, cell),
            network,
            denied,
        }
    }
}

impl Guest {
    fn wasi(&mut self) -> &mut Wasi {
        if self.wasi.is_none() {
            self.wasi = Some(Box::new(Wasi::new(self)));
        }
        let acts = self.acts();
        let wasi = self.wasi.get_or_insert_with(|| unreachable!("it was just made"));
        wasi.network.set_acts(acts);
        wasi
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let wasi = self.wasi();
        WasiCtxView { ctx: &mut wasi.context, table: &mut wasi.table }
    }
}

/// The table of an instance's resources.
struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

fn own(seat: &mut Seat) -> &mut Guest {
    seat
}

/// Links all of WASI preview 2 but `wasi:http`: what waits, is denied or tells the time in ways of ours, the rest as
/// wasmtime has it.
pub(crate) fn link(linker: &mut Linker<Seat>) -> wasmtime::Result<()> {
    io::error::add_to_linker::<_, Table>(linker, |guest| guest.ctx().table)?;
    blocking::io::poll::add_to_linker::<_, HasSelf<_>>(linker, own)?;
    blocking::io::streams::add_to_linker::<_, HasSelf<_>>(linker, own)?;
    clock::wall_clock::add_to_linker::<_, WasiClocks>(linker, |guest: &mut Seat| guest.clocks())?;
    clock::monotonic_clock::add_to_linker::<_, HasSelf<_>>(linker, own)?;
    chance::random::add_to_linker::<_, HasSelf<_>>(linker, own)?;
    chance::insecure::add_to_linker::<_, HasSelf<_>>(linker, own)?;
    chance::insecure_seed::add_to_linker::<_, HasSelf<_>>(linker, own)?;
    cli::exit::add_to_linker::<_, WasiCli>(linker, |guest: &mut Seat| guest.cli())?;
    cli::environment::add_to_linker::<_, WasiCli>(linker, |guest: &mut Seat| guest.cli())?;
    cli::stdin::add_to_linker::<_, WasiCli>(linker, |guest: &mut Seat| guest.cli())?;
    cli::stdout::add_to_linker::<_, WasiCli>(linker, |guest: &mut Seat| guest.cli())?;
    cli::stderr::add_to_linker::<_, WasiCli>(linker, |guest: &mut Seat| guest.cli())?;
    cli::terminal_input::add_to_linker::<_, WasiCli>(linker, |guest: &mut Seat| guest.cli())?;
    cli::terminal_output::add_to_linker::<_, WasiCli>(linker, |guest: &mut Seat| guest.cli())?;
    cli::terminal_stdin::add_to_linker::<_, WasiCli>(linker, |guest: &mut Seat| guest.cli())?;
    cli::terminal_stdout::add_to_linker::<_, WasiCli>(linker, |guest: &mut Seat| guest.cli())?;
    cli::terminal_stderr::add_to_linker::<_, WasiCli>(linker, |guest: &mut Seat| guest.cli())?;
    filesystem::preopens::add_to_linker::<_, HasSelf<_>>(linker, own)?;
    blocking::filesystem::types::add_to_linker::<_, HasSelf<_>>(linker, own)?;
    sockets::network::add_to_linker::<_, HasSelf<_>>(linker, &Default::default(), own)?;
    sockets::instance_network::add_to_linker::<_, WasiSockets>(linker, |guest: &mut Seat| guest.sockets())?;
    sockets::ip_name_lookup::add_to_linker::<_, HasSelf<_>>(linker, own)?;
    sockets::tcp_create_socket::add_to_linker::<_, WasiSockets>(linker, |guest: &mut Seat| guest.sockets())?;
    blocking::sockets::tcp::add_to_linker::<_, WasiSockets>(linker, |guest: &mut Seat| guest.sockets())?;
    blocking::sockets::udp_create_socket::add_to_linker::<_, HasSelf<_>>(linker, own)?;
    blocking::sockets::udp::add_to_linker::<_, WasiSockets>(linker, |guest: &mut Seat| guest.sockets())
}
