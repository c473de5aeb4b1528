//! The throughput of a tunnel, compared with gotatun's own program.
//!
//! `tunnel GOTATUN [RUNS [SECONDS]]`: RUNS runs of iperf3 of SECONDS each, alternating between a tunnel that this
//! process carries, as a lab's supervisor does, and one that two processes of the program at GOTATUN carry.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints what it measured of the programs that it starts"
)]

#[path = "../endurance/space.rs"]
#[expect(dead_code, reason = "the switch is only there")]
mod space;

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddrV4},
    os::unix::net::UnixStream,
    path::Path as FilePath,
    process::{self, Child, Command},
    thread,
    time::{Duration, Instant},
};

use netns_lab::{
    names::IfName,
    tunnel::{self, Endpoint, Tun, Tunnel, Underlay, keys::KeyPair},
};
use space::{Path, Space};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The largest inner packet over a path with an MTU of 1500, rounded down as usual.
const MTU: u16 = 1420;

const PORT: u16 = 51820;

/// How long a program may take to start.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Outcome<()> {
    let mut arguments = env::args().skip(1).filter(|word| word != "--bench");
    let Some(program) = arguments.next() else {
        println!("tunnel: skipped: scripts/bench-tunnel says where gotatun's own program is");
        return Ok(());
    };
    let mut number = |usual| arguments.next().map_or(Ok(usual), |word| word.parse());
    let (runs, seconds) = (number(5)?, number(5)?);

    let ours = Ours::start()?;
    let theirs = Theirs::start(&program)?;
    let mut results = [Results::default(), Results::default()];
    for _ in 0..runs {
        results[0].add(&ours.path, &[process::id()], seconds)?;
        results[1].add(&theirs.path, &theirs.processes(), seconds)?;
    }
    println!(
        "{runs} runs of {seconds} s each way of iperf3, one TCP stream, packets of {MTU} bytes"
    );
    println!(
        "{:<12} {:>14} {:>7} {:>7} {:>22} {:>11}",
        "", "median Mbit/s", "least", "most", "processor s per Gbit", "most memory"
    );
    let names = ["lab", "gotatun-cli"];
    for (name, results) in names.iter().zip(&results) {
        println!("{}", results.line(name));
    }
    let ratio = median(&results[0].speeds) / median(&results[1].speeds);
    println!("ratio {ratio:.2}");
    Ok(())
}

/// A tunnel that this process carries.
struct Ours {
    path: Path,
    _ends: Vec<Tunnel>,
}

impl Ours {
    fn start() -> Outcome<Self> {
        let path = Path::create()?;
        let keys = [KeyPair::generate()?, KeyPair::generate()?];
        let public = keys.each_ref().map(KeyPair::public);
        let name = IfName::new("t0")?;
        let mut ends = Vec::new();
        for (index, (space, keys)) in path.ends.iter().zip(keys).enumerate() {
            let opened = space.within(|| {
                Ok(Tun::open(&name, MTU)
                    .and_then(|tun| Underlay::bind(outside(index)).map(|below| (tun, below))))
            });
            let (tun, underlay) = opened??;
            set_up(space, "t0", index)?;
            ends.push(tunnel::start(Endpoint {
                tun,
                underlay,
                keys,
                peer: public[1 - index],
                peer_address: outside(1 - index),
                keepalive_seconds: None,
            })?);
        }
        path.ends[0].run("ping -c 1 -W 5 10.0.0.2")?;
        Ok(Self { path, _ends: ends })
    }
}

/// Two processes of gotatun's own program.
struct Theirs {
    path: Path,
    children: Vec<Child>,
}

impl Theirs {
    fn start(program: &str) -> Outcome<Self> {
        let mut theirs = Self {
            path: Path::create()?,
            children: Vec::new(),
        };
        let keys = [KeyPair::generate()?, KeyPair::generate()?];
        for index in [0, 1] {
            let name = interface(index);
            let space = &theirs.path.ends[index];
            let child = space.within(|| {
                Command::new(program)
                    .args([
                        "--foreground",
                        "--disable-drop-privileges",
                        "--verbosity=error",
                        &name,
                    ])
                    .spawn()
            })?;
            theirs.children.push(child);
            configure(&name, &keys[index], &keys[1 - index], index)?;
            set_up(&theirs.path.ends[index], &name, index)?;
        }
        theirs.path.ends[0].run("ping -c 1 -W 5 10.0.0.2")?;
        Ok(theirs)
    }

    fn processes(&self) -> Vec<u32> {
        self.children.iter().map(Child::id).collect()
    }
}

impl Drop for Theirs {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
        for index in [0, 1] {
            let _ = fs::remove_file(socket(&interface(index)));
        }
    }
}

/// A unique name: the program's socket is found by it, regardless of namespaces.
fn interface(index: usize) -> String {
    format!("bench{}-{index}", process::id() % 100_000)
}

fn socket(interface: &str) -> String {
    format!("/var/run/wireguard/{interface}.sock")
}

fn outside(index: usize) -> SocketAddrV4 {
    let address = [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 2)];
    SocketAddrV4::new(address[index], PORT)
}

fn set_up(space: &Space, name: &str, index: usize) -> Outcome<()> {
    space.run(&format!(
        "ip address add 10.0.0.{}/24 dev {name}",
        index + 1
    ))?;
    space.run(&format!("ip link set {name} mtu {MTU} up"))?;
    Ok(())
}

/// Sets the keys of a gotatun process, over the socket that `wg` would use.
fn configure(name: &str, own: &KeyPair, peer: &KeyPair, index: usize) -> Outcome<()> {
    let socket = socket(name);
    let began = Instant::now();
    while !FilePath::new(&socket).exists() {
        if began.elapsed() > PATIENCE {
            return Err(format!("{socket} does not come").into());
        }
        thread::sleep(Duration::from_millis(20));
    }
    let mut stream = UnixStream::connect(&socket)?;
    write!(
        stream,
        "set=1\nprivate_key={}\nlisten_port={PORT}\npublic_key={}\nendpoint={}\nallowed_ip=0.0.0.0/0\n\n",
        hexadecimal(&own.private()),
        hexadecimal(&peer.public().to_bytes()),
        outside(1 - index),
    )?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.contains("errno=0") {
        Ok(())
    } else {
        Err(format!("gotatun answers {answer:?}").into())
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[derive(Default)]
struct Results {
    /// Mbit/s.
    speeds: Vec<f64>,
    /// Processor seconds of the tunnel's processes per gigabit.
    costs: Vec<f64>,
    /// Bytes.
    memory: u64,
}

impl Results {
    /// Measures each direction once.
    fn add(&mut self, path: &Path, processes: &[u32], seconds: u64) -> Outcome<()> {
        for reverse in [false, true] {
            let before = processor_seconds(processes)?;
            let (speed, bits) = iperf3(path, seconds, reverse)?;
            self.speeds.push(speed / 1e6);
            let spent = processor_seconds(processes)? - before;
            self.costs.push(spent / (bits / 1e9));
        }
        for process in processes {
            self.memory = self.memory.max(most_memory(*process)?);
        }
        Ok(())
    }

    fn line(&self, name: &str) -> String {
        let least = self.speeds.iter().copied().fold(f64::MAX, f64::min);
        let most = self.speeds.iter().copied().fold(0.0, f64::max);
        format!(
            "{name:<12} {:>14.0} {least:>7.0} {most:>7.0} {:>22.2} {:>7} MiB",
            median(&self.speeds),
            median(&self.costs),
            self.memory >> 20,
        )
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The result of one iperf3 run: received bit/s, and bits.
fn iperf3(path: &Path, seconds: u64, reverse: bool) -> Outcome<(f64, f64)> {
    let mut server = path.ends[1].spawn("iperf3 --server --one-off --forceflush")?;
    if let Some(output) = server.stdout.take() {
        let mut lines = BufReader::new(output).lines();
        lines.find(|line| !line.as_ref().is_ok_and(|line| !line.contains("listening")));
        thread::spawn(move || lines.for_each(drop));
    }
    let reverse = if reverse { " --reverse" } else { "" };
    let report = path.ends[0].run(&format!(
        "iperf3 --client 10.0.0.2 --time {seconds} --omit 1 --json{reverse}"
    ));
    let ended = server.kill();
    server.wait()?;
    ended?;
    let report: serde_json::Value = serde_json::from_str(&report?)?;
    let received = &report["end"]["sum_received"];
    let figure = |name: &str| received[name].as_f64().ok_or("iperf3 tells no figures");
    Ok((figure("bits_per_second")?, figure("bytes")? * 8.0))
}

/// The processor seconds of processes.
fn processor_seconds(processes: &[u32]) -> Outcome<f64> {
    let mut ticks = 0;
    for process in processes {
        let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
        // The name, in parentheses, may contain spaces.
        let after = stat.rsplit(')').next().unwrap_or_default();
        let fields = after.split_whitespace().skip(11).take(2);
        for field in fields {
            ticks += field.parse::<u32>()?;
        }
    }
    Ok(f64::from(ticks) / 100.0)
}

/// The peak memory of a process, in bytes.
fn most_memory(process: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("the kernel tells no memory")?.parse::<u64>()? << 10)
}
