//! `wasi:sockets`: connections over TCP to whom a grant names, and the DNS for the names among them. Nobody listens, and
//! there is no UDP.

use super::denied::{Denied, Why};
use crate::guest::Guest;
use greenroom_core::{Grant, Peer, PeerHost};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasmtime::component::Resource;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{self, ResolveAddressStream};
use wasmtime_wasi::p2::bindings::sockets::network::{self, ErrorCode, IpAddress, IpAddressFamily};
use wasmtime_wasi::p2::bindings::sync::sockets::udp_create_socket;
use wasmtime_wasi::p2::{DynPollable, IoError, Network as Handle, SocketError, SocketResult, UdpSocket};
use wasmtime_wasi::sockets::{SocketAddrUse, WasiSocketsView};

const CONNECT: &str = "wasi:sockets/tcp#start-connect";
const LOOK_UP: &str = "wasi:sockets/ip-name-lookup#resolve-addresses";

/// Whom an instance may reach.
pub(super) struct Network {
    peers: Vec<Peer>,
    /// The machines that names stood for when the host looked them up.
    found: Mutex<Found>,
    /// Whether it is the actor, in a turn of its own.
    acts: AtomicBool,
    denied: Arc<Denied>,
}

/// What was looked up.
#[derive(Default)]
struct Found {
    names: HashMap<IpAddr, Arc<str>>,
    /// Look-ups that are under way, by their handles.
    asked: HashMap<u32, Arc<str>>,
}

/// Lets an instance reach whom it may.
pub(super) fn allow(context: &mut WasiCtxBuilder, network: &Arc<Network>) {
    let by_name = network.peers.iter().any(|peer| matches!(peer.host, PeerHost::Name(_)));
    let network = network.clone();
    context.allow_tcp(true).allow_udp(false).allow_ip_name_lookup(by_name);
    context.socket_addr_check(move |address, why| Box::pin(std::future::ready(network.may(address, why))));
}

impl Network {
    pub(super) fn new(grants: &[Grant], denied: &Arc<Denied>) -> Self {
        let peers = grants.iter().filter_map(|grant| match grant {
            Grant::Connect(peer) => Some(peer.clone()),
            _ => None,
        });
        Self { peers: peers.collect(), found: Mutex::default(), acts: AtomicBool::new(false), denied: denied.clone() }
    }

    pub(super) fn set_acts(&self, acts: bool) {
        self.acts.store(acts, Ordering::Relaxed);
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an address may be used so; if not, that is told.
    fn may(&self, address: SocketAddr, why: SocketAddrUse) -> bool {
        match why {
            // What comes before each connection: any port of this machine.
            SocketAddrUse::TcpBind if address.port() == 0 && address.ip().is_unspecified() => true,
            SocketAddrUse::TcpConnect => self.may_connect(address),
            _ => {
                let function = match why {
                    SocketAddrUse::TcpBind => "wasi:sockets/tcp#start-bind",
                    SocketAddrUse::TcpListen => "wasi:sockets/tcp#start-listen",
                    _ => "wasi:sockets",
                };
                self.denied.tell(function, &address.to_string(), &Why::Never("an actor is reached through the host"));
                false
            }
        }
    }

    fn may_connect(&self, address: SocketAddr) -> bool {
        let ip = address.ip().to_canonical();
        let name = self.found().names.get(&ip).cloned();
        let granted = self.peers.iter().any(|peer| {
            peer.port == address.port()
                && match &peer.host {
                    PeerHost::Address(own) => own.to_canonical() == ip,
                    PeerHost::Name(own) => name.as_ref() == Some(own),
                }
        });
        let why = match (granted, self.acts.load(Ordering::Relaxed)) {
            (true, true) => return true,
            (true, false) => Why::Beside,
            (false, _) => {
                let host = name.map_or(PeerHost::Address(ip), PeerHost::Name);
                Why::Grant(Grant::Connect(Peer { host, port: address.port() }).to_string())
            }
        };
        self.denied.tell(CONNECT, &address.to_string(), &why);
        false
    }

    /// Whether it may look this name up; if not, that is told.
    fn may_look_up(&self, name: &str) -> bool {
        let granted = self.peers.iter().any(|peer| matches!(&peer.host, PeerHost::Name(own) if **own == *name));
        let why = match (granted, self.acts.load(Ordering::Relaxed)) {
            (true, true) => return true,
            (true, false) => Why::Beside,
            (false, _) => Why::Grant(format!("connect:{name}:PORT")),
        };
        self.denied.tell(LOOK_UP, name, &why);
        false
    }
}

impl network::Host for Guest {
    fn convert_error_code(&mut self, error: SocketError) -> wasmtime::Result<ErrorCode> {
        self.sockets().convert_error_code(error)
    }

    fn network_error_code(&mut self, error: Resource<IoError>) -> wasmtime::Result<Option<ErrorCode>> {
        self.sockets().network_error_code(error)
    }
}

impl network::HostNetwork for Guest {
    fn drop(&mut self, handle: Resource<Handle>) -> wasmtime::Result<()> {
        network::HostNetwork::drop(&mut self.sockets(), handle)
    }
}

impl ip_name_lookup::Host for Guest {
    fn resolve_addresses(
        &mut self,
        handle: Resource<Handle>,
        name: String,
    ) -> SocketResult<Resource<ResolveAddressStream>> {
        let network = self.wasi().network.clone();
        let known: Arc<str> = name.to_ascii_lowercase().into();
        // An address is not looked up.
        let is_address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        if !is_address && !network.may_look_up(&known) {
            return Err(ErrorCode::AccessDenied.into());
        }
        let stream = self.sockets().resolve_addresses(handle, name)?;
        if !is_address {
            network.found().asked.insert(stream.rep(), known);
        }
        Ok(stream)
    }
}

impl ip_name_lookup::HostResolveAddressStream for Guest {
    fn resolve_next_address(&mut self, stream: Resource<ResolveAddressStream>) -> SocketResult<Option<IpAddress>> {
        let handle = stream.rep();
        let next = self.sockets().resolve_next_address(stream)?;
        if let Some(address) = &next {
            let mut found = self.wasi().network.found();
            if let Some(name) = found.asked.get(&handle).cloned() {
                found.names.insert(ip(address), name);
            }
        }
        Ok(next)
    }

    fn subscribe(&mut self, stream: Resource<ResolveAddressStream>) -> wasmtime::Result<Resource<DynPollable>> {
        ip_name_lookup::HostResolveAddressStream::subscribe(&mut self.sockets(), stream)
    }

    fn drop(&mut self, stream: Resource<ResolveAddressStream>) -> wasmtime::Result<()> {
        self.wasi().network.found().asked.remove(&stream.rep());
        ip_name_lookup::HostResolveAddressStream::drop(&mut self.sockets(), stream)
    }
}

fn ip(address: &IpAddress) -> IpAddr {
    match *address {
        IpAddress::Ipv4((a, b, c, d)) => IpAddr::from([a, b, c, d]),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => IpAddr::from([a, b, c, d, e, f, g, h]),
    }
}

impl udp_create_socket::Host for Guest {
    fn create_udp_socket(&mut self, _: IpAddressFamily) -> SocketResult<Resource<UdpSocket>> {
        let why = Why::Never("there is TCP alone");
        self.wasi().denied.tell("wasi:sockets/udp-create-socket#create-udp-socket", "a socket", &why);
        Err(ErrorCode::AccessDenied.into())
    }
}
