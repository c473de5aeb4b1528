//! Tunnels in real time: new keys, restarted peers, peers with new addresses, and long outages, for the tunnels of this
//! crate and, if it supports them, of the kernel.
//!
//! The times are `WireGuard`'s own (its paper, section 6.1): keys are renewed after 120 seconds and expire after 180; a
//! handshake is retried after 5; a peer that does not answer data for 15 gets a new handshake. Each test has its own
//! namespaces and most of them wait: in parallel they take four minutes (`--test-threads 16`). Packets are read between
//! the ends.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests in real time, whose figures are wanted where they run"
)]

mod ends;
mod space;
mod train;
mod witness;

use std::{
    thread,
    time::{Duration, Instant},
};

use ends::{Backend, Setting};
use train::Train;
use witness::Witness;

/// The lifetime of keys until renewal, and a little more.
const RENEWAL: Duration = Duration::from_secs(135);

/// Longer than the lifetime of keys.
const OUTAGE: Duration = Duration::from_secs(190);

/// How long traffic may take to pass again: a handshake starts after 15 seconds without an answer and is retried every
/// 5; the kernel gives up a silent session and starts again after the keepalive's 25.
const PATIENCE: Duration = Duration::from_secs(45);

/// Seconds of silence after which a packet is sent.
const KEEPALIVE: Option<u16> = Some(25);

/// A test of both kinds of tunnels.
macro_rules! both {
    ($($scenario:ident: $userspace:ident, $kernel:ident;)*) => {
        $(
            #[test]
            fn $userspace() {
                $scenario(Backend::Userspace);
            }

            #[test]
            #[ignore = "needs WireGuard in the kernel, which scripts/stock-kernel has: see scripts/test"]
            fn $kernel() {
                $scenario(Backend::Kernel);
            }
        )*
    };
}

both! {
    rekeying: privileged_new_keys_lose_no_packet, privileged_new_keys_of_the_kernel_lose_no_packet;
    restart: privileged_a_peer_may_start_anew, privileged_a_peer_in_the_kernel_may_start_anew;
    roaming: privileged_a_peer_may_move, privileged_a_peer_in_the_kernel_may_move;
    outage: privileged_traffic_passes_after_a_long_outage,
        privileged_traffic_passes_the_kernel_after_a_long_outage;
    silent_outage: privileged_a_silent_tunnel_comes_back_by_itself,
        privileged_a_silent_tunnel_of_the_kernel_comes_back_by_itself;
}

/// A ping every 20 ms while keys are renewed.
fn rekeying(backend: Backend) {
    let setting = Setting::create(backend, [KEEPALIVE; 2]);
    let began = Instant::now();
    setting.wait_for_session();
    let witness = Witness::of(&setting.path.switch);
    let pings = RENEWAL.as_millis() / 20;
    let report = setting.path.ends[0]
        .run(&format!("ping -q -n -i 0.02 -c {pings} 10.0.0.2"))
        .unwrap();
    let seen = witness.end();
    println!(
        "{backend:?}, rekeying: {} handshakes\n{report}",
        seen.answers.len()
    );
    assert!(!seen.answers.is_empty(), "{seen:?}");
    assert!(report.contains(&format!("{pings} received")), "{report}");
    if let Some(stats) = setting.stats(0) {
        let age = stats.since_handshake.unwrap();
        assert!(age + Duration::from_secs(100) < began.elapsed(), "{age:?}");
    }
}

/// One end loses its session and starts no handshake: the other must detect it.
fn restart(backend: Backend) {
    let mut setting = Setting::create(backend, [None; 2]);
    setting.wait_for_session();
    let mut train = Train::start(&setting.path.ends[0], "10.0.0.2");
    train.next(PATIENCE).unwrap();
    setting.stop(1);
    train.forget();
    setting.start(1);
    let began = Instant::now();
    let reply = train.next(PATIENCE).unwrap();
    println!(
        "{backend:?}, restart: traffic again after {:?}",
        reply - began
    );
}

/// One end's address changes, and it sends: the other answers to the new address.
fn roaming(backend: Backend) {
    let setting = Setting::create(backend, [None; 2]);
    setting.wait_for_session();
    let mut train = Train::start(&setting.path.ends[1], "10.0.0.1");
    train.next(PATIENCE).unwrap();
    let witness = Witness::of(&setting.path.switch);
    let moving = &setting.path.ends[1];
    moving.run("ip address del 192.0.2.2/24 dev u0").unwrap();
    train.forget();
    moving.run("ip address add 192.0.2.3/24 dev u0").unwrap();
    let began = Instant::now();
    let reply = train.next(PATIENCE).unwrap();
    println!(
        "{backend:?}, roaming: traffic again after {:?}",
        reply - began
    );
    drop(train);
    let seen = witness.end();
    assert!(seen.receivers.contains(&[192, 0, 2, 3].into()), "{seen:?}");
    if let Some(stats) = setting.stats(0) {
        assert_eq!(stats.peer_address, "192.0.2.3:51820".parse().unwrap());
    }
}

/// The path is down for longer than the lifetime of keys, while packets are sent.
fn outage(backend: Backend) {
    let setting = Setting::create(backend, [KEEPALIVE; 2]);
    setting.wait_for_session();
    let mut train = Train::start(&setting.path.ends[0], "10.0.0.2");
    train.next(PATIENCE).unwrap();
    setting.interrupt(OUTAGE);
    let began = Instant::now();
    train.forget();
    let reply = train.next(PATIENCE).unwrap();
    println!(
        "{backend:?}, outage: traffic again after {:?}",
        reply - began
    );
}

/// The same, with only keepalives.
fn silent_outage(backend: Backend) {
    let setting = Setting::create(backend, [KEEPALIVE; 2]);
    setting.wait_for_session();
    setting.interrupt(OUTAGE);
    let witness = Witness::of(&setting.path.switch);
    let took = witness.next_answer(PATIENCE).unwrap();
    println!("{backend:?}, silent outage: session again after {took:?}");
    setting.path.ends[0].run("ping -c 1 -W 2 10.0.0.2").unwrap();
}

/// After an outage, a caller that knows that the path is back does not have to wait.
#[test]
fn privileged_ready_makes_a_session_at_once_after_a_long_outage() {
    let setting = Setting::create(Backend::Userspace, [KEEPALIVE; 2]);
    setting.wait_for_session();
    let mut train = Train::start(&setting.path.ends[0], "10.0.0.2");
    train.next(PATIENCE).unwrap();
    setting.interrupt(OUTAGE);
    train.forget();
    let began = Instant::now();
    setting.wait_for_session();
    println!("ready after {:?}", began.elapsed());
    let reply = train.next(PATIENCE).unwrap();
    println!(
        "Userspace, outage with ready: traffic again after {:?}",
        reply - began
    );
}

/// Waits in real time.
fn pass(duration: Duration) {
    thread::sleep(duration);
}
