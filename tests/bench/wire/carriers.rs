//! Three carriers between two namespaces with an interface `w0` each.

use std::{env, fs, path::PathBuf, process, time::Duration};

use netns_lab::{
    names::IfName,
    units::Impairment,
    wire::{Counters, Tap, Wire, Wires},
};

use super::namespace::{Namespace, Program};

/// The address of the end where iperf3 listens.
pub(super) const FAR_ADDRESS: &str = "192.0.2.2";

/// Two namespaces, and what joins them and must stay alive.
pub(super) struct Carrier {
    name: String,
    delay: Duration,
    wires: Option<Wires>,
    _programs: Vec<Program>,
    _folder: Option<Folder>,
    near: Namespace,
    far: Namespace,
}

/// A folder that is removed when dropped.
struct Folder(PathBuf);

impl Carrier {
    /// A pair of kernel interfaces, with no delay.
    pub(super) fn veth() -> Self {
        let (near, far) = (Namespace::create(), Namespace::create());
        let path = far.path();
        near.run(&format!(
            "ip link add w0 type veth peer name w0 netns {path}"
        ));
        Self::finish("veth".to_owned(), Duration::ZERO, [near, far], Vec::new())
    }

    /// A wire of this project.
    pub(super) fn wire(directions: [Impairment; 2]) -> Self {
        let ends = [Namespace::create(), Namespace::create()];
        let [near, far] = ends.each_ref().map(|end| {
            let name = IfName::new("w0").expect("it is a name");
            end.within(|| Tap::open(&name))
                .expect("there is /dev/net/tun")
        });
        let wire = Wire {
            ends: [near, far],
            directions,
        };
        let wires = Wires::start(vec![wire], 1).expect("there are descriptors left");
        for (end, impairment) in ends.iter().zip(directions) {
            let burst = impairment.largest_burst();
            end.run(&format!("ip link set w0 gso_max_size {burst}"));
        }
        let name = format!("wire {}", directions[0]);
        Self {
            wires: Some(wires),
            ..Self::finish(name, directions[0].delay, ends, Vec::new())
        }
    }

    /// Two switches of VDE with a TAP interface each, joined by `wirefilter`.
    pub(super) fn wirefilter(delay: Duration) -> Self {
        let folder = Folder::create();
        let ends = [Namespace::create(), Namespace::create()];
        let mut programs = Vec::new();
        for (end, switch) in ends.iter().zip(["near", "far"]) {
            let socket = folder.0.join(switch).display().to_string();
            programs.push(end.start(&format!("vde_switch -s {socket}")));
            end.run_until_it_succeeds(&format!("test -S {socket}/ctl"));
            programs.push(end.start(&format!("vde_plug2tap -s {socket} w0")));
            end.run_until_it_succeeds("ip link show w0");
        }
        let [near, far] = ["near", "far"].map(|switch| folder.0.join(switch));
        programs.push(ends[0].start(&format!(
            "wirefilter -v {}:{} -d {}",
            near.display(),
            far.display(),
            delay.as_millis()
        )));
        let name = format!("wirefilter delay {}ms", delay.as_millis());
        Self {
            _folder: Some(folder),
            ..Self::finish(name, delay, ends, programs)
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn delay(&self) -> Duration {
        self.delay
    }

    pub(super) const fn near(&self) -> &Namespace {
        &self.near
    }

    /// The counters of this project's wire.
    pub(super) fn counters(&self) -> Option<[Counters; 2]> {
        self.wires.as_ref()?.counters().remove(&0)
    }

    /// Frames that the interfaces dropped because they were not read in time.
    pub(super) fn lost_in_interfaces(&self) -> u64 {
        let count = |end: &Namespace| {
            let report = end.run("ip -s -j link show w0");
            let report: serde_json::Value = serde_json::from_str(&report).expect("ip prints JSON");
            let dropped = &report[0]["stats64"]["tx"]["dropped"];
            dropped.as_u64().expect("an interface counts")
        };
        count(&self.near) + count(&self.far)
    }

    /// Sets addresses, waits until packets pass, and starts the iperf3 server.
    fn finish(
        name: String,
        delay: Duration,
        [near, far]: [Namespace; 2],
        mut programs: Vec<Program>,
    ) -> Self {
        for (end, address) in [(&near, "192.0.2.1"), (&far, FAR_ADDRESS)] {
            end.run(&format!("ip address add {address}/24 dev w0"));
            end.run("ip link set w0 up");
        }
        programs.push(far.start("iperf3 -s"));
        near.run_until_it_succeeds(&format!("ping -c 1 -W 0.2 {FAR_ADDRESS}"));
        near.run_until_it_succeeds(&format!("iperf3 -c {FAR_ADDRESS} -n 1K"));
        Self {
            name,
            delay,
            wires: None,
            _programs: programs,
            _folder: None,
            near,
            far,
        }
    }
}

impl Folder {
    fn create() -> Self {
        let path = env::temp_dir().join(format!("bench-wire-{}", process::id()));
        fs::create_dir_all(&path).expect("the folder for temporary files is writable");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Remaining files are harmless.
        let _ = fs::remove_dir_all(&self.0);
    }
}
