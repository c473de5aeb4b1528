//! Both ends of a tunnel between two namespaces, each carried by one of two backends.

use std::{
    net::{Ipv4Addr, SocketAddrV4},
    time::Duration,
};

use netns_lab::{
    kernel::{self, WireGuardEnd, WireGuardPeer},
    names::IfName,
    tunnel::{self, Endpoint, Stats, Tun, Tunnel, Underlay, keys::KeyPair},
};

use crate::space::Path;

const PORT: u16 = 51820;

const MTU: u16 = 1420;

/// The `WireGuard` implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    /// This crate's.
    Userspace,
    /// The kernel's.
    Kernel,
}

/// Two namespaces and a tunnel between them, with the inner addresses 10.0.0.1 and 10.0.0.2.
pub(crate) struct Setting {
    backend: Backend,
    pub(crate) path: Path,
    keys: [KeyPair; 2],
    keepalives: [Option<u16>; 2],
    /// The ends that this process carries.
    carried: [Option<Tunnel>; 2],
}

impl Setting {
    pub(crate) fn create(backend: Backend, keepalives: [Option<u16>; 2]) -> Self {
        let mut setting = Self {
            backend,
            path: Path::create().expect("these tests need root"),
            keys: [(); 2].map(|()| KeyPair::generate().unwrap()),
            keepalives,
            carried: [None, None],
        };
        setting.start(0);
        setting.start(1);
        setting
    }

    /// Starts or restarts one end, with the same keys.
    pub(crate) fn start(&mut self, end: usize) {
        let space = &self.path.ends[end];
        match self.backend {
            Backend::Userspace => self.carried[end] = Some(self.carry(end)),
            Backend::Kernel => {
                space
                    .run(&format!("ip link add t0 mtu {MTU} type wireguard"))
                    .unwrap();
                space
                    .within(|| kernel::configure_wireguard(&self.described(end)))
                    .unwrap();
                self.bring_up(end);
            }
        }
    }

    /// Ends one end, as if its program had crashed.
    pub(crate) fn stop(&mut self, end: usize) {
        match self.carried[end].take() {
            Some(tunnel) => {
                drop(tunnel);
                // A program that another test starts at this moment also holds the interface, until it runs.
                while self.path.ends[end].run("ip link show t0").is_ok() {}
            }
            None => drop(self.path.ends[end].run("ip link del t0").unwrap()),
        }
    }

    /// Makes the ends agree on keys.
    pub(crate) fn wait_for_session(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        if let Some(tunnel) = &self.carried[0] {
            runtime
                .block_on(tunnel.ready(Duration::from_secs(10)))
                .unwrap();
        } else {
            self.path.ends[0].run("ping -c 1 -W 10 10.0.0.2").unwrap();
        }
    }

    /// Takes the path down for some time.
    pub(crate) fn interrupt(&self, duration: Duration) {
        self.path.switch.run("ip link set p1 down").unwrap();
        crate::pass(duration);
        self.path.switch.run("ip link set p1 up").unwrap();
    }

    /// The counters of an end that this process carries.
    pub(crate) fn stats(&self, end: usize) -> Option<Stats> {
        self.carried[end].as_ref().map(Tunnel::stats)
    }

    fn carry(&self, end: usize) -> Tunnel {
        let name = IfName::new("t0").unwrap();
        let (tun, underlay) = self.path.ends[end]
            .within(|| {
                let anywhere = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, PORT);
                Ok((
                    Tun::open(&name, MTU).unwrap(),
                    Underlay::bind(anywhere).unwrap(),
                ))
            })
            .unwrap();
        self.bring_up(end);
        tunnel::start(Endpoint {
            tun,
            underlay,
            keys: self.keys[end].clone(),
            peer: self.keys[1 - end].public(),
            peer_address: outside(1 - end),
            keepalive_seconds: self.keepalives[end],
        })
        .unwrap()
    }

    fn described(&self, end: usize) -> WireGuardEnd {
        WireGuardEnd {
            name: IfName::new("t0").unwrap(),
            private_key: self.keys[end].private(),
            port: PORT,
            peer: WireGuardPeer {
                public_key: self.keys[1 - end].public().to_bytes(),
                address: outside(1 - end).into(),
                keepalive_seconds: self.keepalives[end].unwrap_or(0),
            },
        }
    }

    fn bring_up(&self, end: usize) {
        let space = &self.path.ends[end];
        let host = end + 1;
        space
            .run(&format!("ip address add 10.0.0.{host}/24 dev t0"))
            .unwrap();
        space.run("ip link set t0 up").unwrap();
    }
}

fn outside(end: usize) -> SocketAddrV4 {
    let addresses = [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 2)];
    SocketAddrV4::new(addresses[end], PORT)
}
