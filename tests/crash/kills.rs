//! Kills programs at random moments.

use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use nix::sys::signal::Signal;

use crate::labs::Lab;
use crate::machine::{LAB, Machine, about, end, programs, seed, send, settle, supervisor, traces};
use crate::truth::{Told, prove, told};

/// How often each lab's programs are killed.
const KILLS: usize = 70;

/// One of this many labs that were repaired with their first file is verified.
const VERIFIED: usize = 4;

/// The work in progress at a kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Up,
    Change,
    Down,
    Nothing,
}

/// The processes to kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Command,
    Supervisor,
    Both,
}

/// A lab and its random kills.
struct Story {
    lab: Lab,
    rng: Rng,
    is_up: bool,
    /// The duration of each kind of work, measured without kills.
    spans: [Duration; 3],
    kills: usize,
    mended: usize,
    verified: usize,
}

#[test]
fn whatever_is_killed_can_be_mended_and_removed() {
    let Some(_machine) = Machine::enter("kills::whatever_is_killed_can_be_mended_and_removed")
    else {
        return;
    };
    let seed = seed();
    let labs = [
        Lab::hub_spoke("hub"),
        Lab::circuits("circuits"),
        Lab::row("row", 5),
    ];
    let began = Instant::now();
    let stories: Vec<Story> = thread::scope(|scope| {
        let told = labs.into_iter().zip(seed..);
        let told: Vec<_> = told
            .map(|(lab, seed)| scope.spawn(move || Story::begin(lab, seed).tell()))
            .collect();
        let told = told.into_iter().map(thread::ScopedJoinHandle::join);
        told.map(|story| story.expect("a story that ended"))
            .collect()
    });
    for story in stories {
        println!(
            "{}: {} kills, {} times mended, {} of those verified",
            story.lab.name, story.kills, story.mended, story.verified
        );
    }
    println!("in {:.1} s", began.elapsed().as_secs_f64());
}

impl Story {
    /// Measures the duration of the lab's work, and leaves it down.
    fn begin(lab: Lab, seed: u64) -> Self {
        let timed = |words: &[&str]| {
            let began = Instant::now();
            lab.run(words).exits(0);
            began.elapsed()
        };
        let spans = [
            timed(&["up", &lab.files[0]]),
            timed(&["up", &lab.files[1]]),
            timed(&["down", &lab.name]),
        ];
        Self {
            lab,
            rng: Rng::with_seed(seed),
            is_up: false,
            spans,
            kills: 0,
            mended: 0,
            verified: 0,
        }
    }

    /// Kills something, then repairs or removes the lab.
    fn step(&mut self) {
        let work = if self.is_up {
            *self
                .rng
                .choice(&[Work::Change, Work::Down, Work::Nothing])
                .expect("one of them")
        } else {
            Work::Up
        };
        let victim = match work {
            Work::Down => Victim::Command,
            Work::Nothing => Victim::Supervisor,
            _ => *self
                .rng
                .choice(&[Victim::Command, Victim::Supervisor, Victim::Both])
                .expect("one of them"),
        };
        self.kill(work, victim);
        settle(&self.lab.name);
        let now = told(&self.lab);
        if self.rng.bool() {
            self.mend();
        } else {
            self.lab.down().exits(0);
            let left = traces(&self.lab.name);
            assert!(
                left.is_empty(),
                "after {victim:?} was killed in {work:?}, leaving the lab {now:?}: {left:?}"
            );
            assert_eq!(told(&self.lab), Told::Absent);
            self.is_up = false;
        }
    }

    fn kill(&mut self, work: Work, victim: Victim) {
        let file = self.rng.choice(self.lab.files.clone()).expect("a file");
        let (words, span) = match work {
            Work::Up => (vec!["up", &file], self.spans[0]),
            Work::Change => (vec!["up", &file], self.spans[1]),
            Work::Down => (vec!["down", &self.lab.name], self.spans[2]),
            Work::Nothing => (Vec::new(), Duration::ZERO),
        };
        let command: Option<Child> = (work != Work::Nothing).then(|| {
            let command = about(&self.lab.name, LAB, &words).spawn();
            command.expect("the program under test")
        });
        thread::sleep(span.mul_f64(self.rng.f64() * 1.1));
        let victims = match (victim, &command) {
            (Victim::Command, Some(command)) => vec![command.id()],
            (Victim::Supervisor, _) => supervisor(&self.lab.name).into_iter().collect(),
            _ => programs(&self.lab.name)
                .into_iter()
                .map(|(pid, _)| pid)
                .collect(),
        };
        for pid in &victims {
            send(*pid, Signal::SIGKILL);
        }
        self.kills += victims.len().min(1);
        if let Some(command) = command {
            end(command);
        }
    }

    fn mend(&mut self) {
        let file = self.rng.usize(..2);
        self.lab.run(&["up", &self.lab.files[file]]).exits(0);
        assert_eq!(told(&self.lab), Told::Up);
        self.is_up = true;
        self.mended += 1;
        // Only the first file's expectations are proved.
        if file == 0 && self.rng.usize(..VERIFIED) == 0 {
            prove(&self.lab);
            self.verified += 1;
        }
    }

    fn tell(mut self) -> Self {
        while self.kills < KILLS {
            self.step();
        }
        self.lab.down().exits(0);
        assert_eq!(traces(&self.lab.name), Vec::<String>::new());
        self
    }
}
