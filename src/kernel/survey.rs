//! Tests every kernel feature that a lab may need, to show users what their kernel lacks.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use tun_rs::{DeviceBuilder, Layer};

use crate::kernel::features::{LOOPBACK_INDEX, emulator, wireguard};
use crate::kernel::netns::NotEntered;
use crate::kernel::rtnl::{BatchError, Request, Rtnl};
use crate::kernel::tc::{self, Side};
use crate::kernel::{message, netns, nft, queues};
use crate::names::IfName;
use crate::plan::InterfacePlan;
use crate::topology::Mac;
use crate::units::Bandwidth;

/// A kernel feature of labs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ability {
    /// Its name.
    pub name: &'static str,
    /// What labs use it for.
    pub needed_for: &'static str,
    /// Whether every lab needs it; the others have a replacement, or few labs need them.
    pub is_vital: bool,
    /// A command that adds it.
    pub remedy: &'static str,
    /// The kernel's error if it is missing; `None` if it is there.
    pub missing: Option<String>,
}

/// A feature to be tested.
struct Trial {
    name: &'static str,
    needed_for: &'static str,
    is_vital: bool,
    remedy: &'static str,
    run: fn(&mut Rtnl) -> Result<(), String>,
}

/// Interfaces of the test namespace.
const PAIR: [(&str, u32); 2] = [("probe-a", 2), ("probe-b", 3)];
const BRIDGE: (&str, u32) = ("probe-bridge", 4);
const IFB_INDEX: u32 = 5;
const WIREGUARD_INDEX: u32 = 6;

/// Sorted so that each test finds the interfaces that it needs.
const TRIALS: &[Trial] = &[
    Trial {
        name: "virtual Ethernet pairs",
        needed_for: "links",
        is_vital: true,
        remedy: "modprobe veth",
        run: |rtnl| {
            let own = File::open("/proc/thread-self/ns/net").map_err(|error| error.to_string())?;
            let [near, far] = PAIR.map(|(name, index)| end(name, index));
            let pair = message::veth(&near, &far, own.as_raw_fd());
            try_all(rtnl, &[Request::create(pair)])
        },
    },
    Trial {
        name: "bridges with isolated ports",
        needed_for: "virtual networks and LANs",
        is_vital: true,
        remedy: "modprobe bridge",
        run: |rtnl| {
            let bridge = message::bridge(&end(BRIDGE.0, BRIDGE.1));
            let [_, (far, index)] = PAIR;
            let join = message::finish(&end(far, index), Some(BRIDGE.1));
            let requests = [
                Request::create(bridge),
                Request::change(join),
                Request::change(message::port(index, true)),
            ];
            try_all(rtnl, &requests)
        },
    },
    Trial {
        name: "nftables with fib",
        needed_for: "gateways that do not decrement the TTL, tunnels with `innerTtl`, and TCP MSS clamping",
        is_vital: true,
        remedy: "apt install nftables; modprobe -a nf_tables nft_fib_ipv4",
        run: |_| nft::try_fib().map_err(|error| words(&error)),
    },
    Trial {
        name: "nftables at interfaces",
        needed_for: "links that silently drop all packets",
        is_vital: false,
        remedy: "apt install nftables; modprobe nf_tables",
        run: |_| nft::try_at_interface(&name(PAIR[0].0)).map_err(|error| words(&error)),
    },
    Trial {
        name: "TUN and TAP interfaces",
        needed_for: "tunnels and impaired links without WireGuard and netem, and `lab impair`",
        is_vital: false,
        remedy: "modprobe tun",
        run: |_| {
            let device = DeviceBuilder::new()
                .name("probe-tap")
                .layer(Layer::L2)
                .inherit_enable_state()
                .build_sync();
            device.map(drop).map_err(|error| error.to_string())
        },
    },
    Trial {
        name: "WireGuard",
        needed_for: "fast tunnels; without it a process carries them",
        is_vital: false,
        remedy: "modprobe wireguard",
        run: |rtnl| try_all(rtnl, &[wireguard(WIREGUARD_INDEX)]),
    },
    Trial {
        name: "netem",
        needed_for: "exact and fast delays and losses; without it a process makes them",
        is_vital: false,
        remedy: "modprobe -a sch_netem sch_tbf",
        run: |rtnl| try_all(rtnl, &emulator(LOOPBACK_INDEX)),
    },
    Trial {
        name: "tbf",
        needed_for: "links with a bandwidth, and gateways with a capacity",
        is_vital: false,
        remedy: "modprobe sch_tbf",
        run: |rtnl| {
            let rate = Bandwidth::from_megabits_per_second(1).ok_or("no rate")?;
            let [(_, index), _] = PAIR;
            try_all(rtnl, &[Request::replace(queues::shaping(index, rate))])
        },
    },
    Trial {
        name: "ifb",
        needed_for: "VPN gateways with a capacity",
        is_vital: false,
        remedy: "modprobe ifb numifbs=0",
        run: |rtnl| {
            let ifb = message::ifb(&name("probe-ifb"), IFB_INDEX);
            try_all(rtnl, &[Request::create(ifb)])
        },
    },
    Trial {
        name: "redirection (clsact, u32, mirred)",
        needed_for: "VPN gateways with a capacity, and `lab impair` without netem",
        is_vital: false,
        remedy: "modprobe -a sch_ingress cls_u32 act_mirred",
        run: |rtnl| {
            let [(_, near), (_, far)] = PAIR;
            let redirect = |from, into| Request::create(tc::redirect((near, from), 1, (far, into)));
            let requests = [
                Request::create(tc::clsact(near)),
                redirect(Side::Egress, Side::Egress),
                redirect(Side::Ingress, Side::Ingress),
            ];
            try_all(rtnl, &requests)
        },
    },
    Trial {
        name: "mounts inside nodes",
        needed_for: "`lab exec` and `lab shell`",
        is_vital: false,
        remedy: "`mount --rbind DIR DIR` outside, for the folder DIR of the chroot, and enter it again",
        run: |_| {
            netns::try_own_mounts().map_err(|error| match error {
                NotEntered::NoMountPoint => "/ is no mount point, as in a chroot".to_owned(),
                NotEntered::Step(action, error) => format!("cannot {action}: {error}"),
            })
        },
    },
];

/// Tests every feature that a lab may need, in a temporary namespace.
#[must_use]
pub fn survey() -> Vec<Ability> {
    let tried = netns::in_scratch(|| {
        let mut rtnl = Rtnl::open()?;
        let tried = TRIALS.iter().map(|trial| trial.ability(&mut rtnl));
        io::Result::Ok(tried.collect::<Vec<_>>())
    });
    let (others, missing) = match tried.and_then(|result| result) {
        Ok(others) => (others, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let namespaces = Ability {
        name: "network namespaces",
        needed_for: "machines and routers",
        is_vital: true,
        remedy: "be root, on a kernel with CONFIG_NET_NS",
        missing,
    };
    [vec![namespaces], others].concat()
}

impl Trial {
    fn ability(&self, rtnl: &mut Rtnl) -> Ability {
        Ability {
            name: self.name,
            needed_for: self.needed_for,
            is_vital: self.is_vital,
            remedy: self.remedy,
            missing: (self.run)(rtnl).err(),
        }
    }
}

fn try_all(rtnl: &mut Rtnl, requests: &[Request]) -> Result<(), String> {
    rtnl.run(requests).map_err(|error| match error {
        BatchError::Refused(_, refusal) => refusal.to_string(),
        BatchError::Socket(error) => error.to_string(),
    })
}

/// An error with its sources, in one line.
fn words(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    causes.join(": ").replace('\n', " ")
}

fn name(text: &str) -> IfName {
    IfName::near(text, |_| false)
}

fn end(text: &str, index: u32) -> InterfacePlan {
    let last = u8::try_from(index).unwrap_or_default();
    InterfacePlan {
        name: name(text),
        index,
        // A locally administered address (the second bit of its first byte).
        mac: Mac([2, 0, 0, 0, 0, last]),
        resolves: false,
        bridge: None,
        up: true,
    }
}
