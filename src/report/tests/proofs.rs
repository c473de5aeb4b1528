//! What comes of a proof in which something failed, in each format.

use std::time::Duration;

use insta::assert_snapshot;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::addresses::Address;
use crate::report::solved::Solved;
use crate::report::storyboard::StepOutages;
use crate::report::verification::{Checked, STEADY, Verification, text};
use crate::report::{json, junit, markdown, why};
use crate::topology::Expectation;
use crate::units::Ttl;
use crate::verify::why::explain;
use crate::verify::{
    self, Judgement, Observation, ObservedHop, Outage, PathOutage, ProbeCount, Verdict, predict,
};

impl Solved {
    pub(super) fn expectation(&self, from: &str, to: &str) -> &Expectation {
        let (from, to) = (self.node(from), self.node(to));
        let mut expectations = self.topology.expectations.iter();
        expectations
            .find(|expected| (expected.from, expected.to) == (from, to))
            .unwrap()
    }

    /// The answers to the expectation's probes if every packet follows this lab's routes.
    pub(super) fn seen(&self, expectation: &Expectation) -> Observation {
        let predicted = predict(self, expectation.from, expectation.to);
        let probed = expectation.hops().len();
        if probed == 0 {
            return observed(vec![hop(64, None, None)]);
        }
        let hops = predicted.hops.unwrap_or_else(|| vec![None; probed]);
        let shown = hops.iter().zip(1_u8..).take(probed);
        let last = hops.len();
        let planned = predicted.round_trip_time.unwrap_or_default();
        let shown = shown.map(|(address, ttl)| {
            let is_arrival = address.is_some() && usize::from(ttl) == last;
            let expected = expectation.hops().get(usize::from(ttl) - 1);
            let time = expected.and_then(|hop| hop.round_trip_time);
            let time = time.unwrap_or(planned);
            ObservedHop {
                arrival: is_arrival,
                ..hop(ttl, *address, Some(time))
            }
        });
        observed(shown.collect())
    }

    /// A proof of an expectation of one lab, in which packets went as in another.
    pub(super) fn checked<'a>(&'a self, expectation: &'a Expectation) -> Checked<'a> {
        let observation = self.seen(expectation);
        let judgement = verify::judge(&self.topology, &self.tables, expectation, &observation);
        let destination = self.topology.node(expectation.to).address.unwrap();
        let why = explain(self, expectation.from, destination);
        let why = why::report(&self.topology, expectation.from, &why);
        Checked {
            storyboard: None,
            state: STEADY.to_owned(),
            expectation,
            observation,
            why: (judgement.verdict == Verdict::Fail).then_some(why),
            judgement,
            equal_cost: Vec::new(),
        }
    }
}

fn observed(hops: Vec<ObservedHop>) -> Observation {
    Observation {
        hops,
        send_error: None,
    }
}

fn hop(ttl: u8, address: Option<Address>, time: Option<Duration>) -> ObservedHop {
    ObservedHop {
        ttl: Ttl::new(ttl).unwrap(),
        addresses: address.into_iter().collect(),
        round_trip_times: vec![time.filter(|_| address.is_some()); 3],
        arrival: false,
        refused: false,
    }
}

/// Paths of a lab whose primary link is down, proved as if it were up, and a skipped step.
fn broken(lab: &Solved) -> Verification<'_> {
    let pairs = [
        ("hub-vm", "branch-vm"),
        ("branch-vm", "loc2-vm"),
        ("loc1-vm", "hub-vm"),
        ("loc1-vm", "remote-vm"),
    ];
    let mut results: Vec<Checked<'_>> = pairs
        .iter()
        .map(|(from, to)| lab.checked(lab.expectation(from, to)))
        .collect();
    results.push(Checked {
        storyboard: Some("er1-fails".to_owned()),
        state: "primary-down".to_owned(),
        observation: Observation::default(),
        judgement: Judgement::skipped("er1-primary failed | already".to_owned()),
        why: None,
        ..lab.checked(lab.expectation("hub-vm", "loc1-vm"))
    });
    let path = PathOutage {
        from: lab.node("hub-vm"),
        to: lab.node("loc1-vm"),
        outage: Outage {
            sent: 40,
            lost: 2,
            duration: Duration::from_millis(20),
        },
    };
    Verification {
        topology: &lab.topology,
        elapsed: Duration::from_micros(412_345),
        in_force: Vec::new(),
        results,
        probes: ProbeCount { sent: 90, lost: 1 },
        outages: vec![StepOutages {
            storyboard: "er1-fails".to_owned(),
            step: "primary-down".to_owned(),
            fault: vec!["er1-primary".to_owned()],
            blackhole: Vec::new(),
            heal: Vec::new(),
            paths: vec![path],
        }],
        others: None,
        baseline: None,
    }
}

#[test]
fn a_proof_is_a_line_a_path_and_failures_are_side_by_side() {
    let lab = Solved::hub_spoke().without("er1-primary");
    assert_snapshot!(text(&broken(&lab)), @r"
    FROM       TO         STATE         VERDICT  RTT      HOPS
    hub-vm     branch-vm  steady        pass     2.0 ms   hub-vpngw > * > branch-vm
    branch-vm  loc2-vm    steady        pass     -        no answer
    loc1-vm    hub-vm     steady        fail     <0.1 ms  loc1-lan > loc1-ce1 > hub-vm
    loc1-vm    remote-vm  steady        fail     -        * > * > * > * > *

    hub-vm     loc1-vm    primary-down  skip     -        not tried

    loc1-vm -> hub-vm  fail  [steady]
       HOP  EXPECTED                        SEEN
       1    loc1-lan [10.2.30.3] 0 ms       loc1-lan [10.2.30.3] <0.1 ms
       2    loc1-ce1 [192.168.30.0] 0 ms    loc1-ce1 [192.168.30.0] <0.1 ms
    ✗  3    er1-msee1 [192.168.30.18] 0 ms  hub-vm [10.10.30.4] <0.1 ms
    ✗  4    *
    ✗  5    hub-vm [10.10.30.4] 2 ms
      the destination answers at hop 3 already; 5 hops were expected; by the routes, the path is loc1-vm > loc1-lan >
        loc1-ce1 > hub-vpngw > hub-vm and back; if the packets took this path, correct the expectation; if not, the kernel's
        state differs from what was planned: `lab down` and `lab up` restore it
      lab why: loc1-vm reaches hub-vm in 3 hops

    loc1-vm -> remote-vm  fail  [steady]
       HOP  EXPECTED                        SEEN
    ✗  1    loc1-lan [10.2.30.3] 0 ms       *
    ✗  2    loc1-ce1 [192.168.30.0] 0 ms    *
    ✗  3    er1-msee1 [192.168.30.18] 0 ms  *
       4    *                               *
    ✗  5    remote-vm [10.17.30.4] 69 ms    *
      hop 1: expected 10.2.30.3, nobody answered; by the routes, the packet is lost at loc1-ce1, which has no route to
        10.17.30.4
      lab why: loc1-vm does not reach remote-vm: loc1-ce1 has no route to 10.17.30.4
      er1-msee1 has 10.17.30.0/26, which does not reach loc1-ce1 (er1): the session is down
      hub-ergw has 10.17.30.0/26, which does not reach hub-vpngw (hub): a VPN gateway does not advertise to tunnels what it
        learned from circuits (expressroute-faqs)
      loc1-ce1 has 10.2.30.0/25, which does not reach er1-msee1 (er1): the session is down

    1 path was not tried: er1-primary failed | already

    er1-fails: primary-down  fault er1-primary
      hub-vm -> loc1-vm  2 of 40 pings lost, outage 20 ms

    90 probes, 1 lost, at most 6667 a second
    2 paths proved, 2 failed, 1 skipped in 412 ms
    ");
}

#[test]
fn a_proof_is_markdown_with_failures_first() {
    let lab = Solved::hub_spoke().without("er1-primary");
    assert_snapshot!(markdown::markdown(&broken(&lab)), @r#"
    ## ❌ hub-spoke: 2 paths proved, 2 failed, 1 skipped in 412 ms

    ### Failures

    | From | To | State | Path | Why |
    | --- | --- | --- | --- | --- |
    | loc1-vm | hub-vm | steady | loc1-lan \> loc1-ce1 \> hub-vm | the destination answers at hop 3 already |
    | loc1-vm | remote-vm | steady | \* \> \* \> \* \> \* \> \* | hop 1: expected 10.2.30.3, nobody answered |

    <details>
    <summary>Failures, hop by hop</summary>

    ```text
    loc1-vm -> hub-vm  [steady]
       HOP  EXPECTED                        SEEN
       1    loc1-lan [10.2.30.3] 0 ms       loc1-lan [10.2.30.3] <0.1 ms
       2    loc1-ce1 [192.168.30.0] 0 ms    loc1-ce1 [192.168.30.0] <0.1 ms
    ✗  3    er1-msee1 [192.168.30.18] 0 ms  hub-vm [10.10.30.4] <0.1 ms
    ✗  4    *
    ✗  5    hub-vm [10.10.30.4] 2 ms
    the destination answers at hop 3 already; 5 hops were expected; by the routes, the path is loc1-vm > loc1-lan > loc1-ce1 > hub-vpngw > hub-vm and back; if the packets took this path, correct the expectation; if not, the kernel's state differs from what was planned: `lab down` and `lab up` restore it
    lab why: loc1-vm reaches hub-vm in 3 hops
    ```

    ```text
    loc1-vm -> remote-vm  [steady]
       HOP  EXPECTED                        SEEN
    ✗  1    loc1-lan [10.2.30.3] 0 ms       *
    ✗  2    loc1-ce1 [192.168.30.0] 0 ms    *
    ✗  3    er1-msee1 [192.168.30.18] 0 ms  *
       4    *                               *
    ✗  5    remote-vm [10.17.30.4] 69 ms    *
    hop 1: expected 10.2.30.3, nobody answered; by the routes, the packet is lost at loc1-ce1, which has no route to 10.17.30.4
    lab why: loc1-vm does not reach remote-vm: loc1-ce1 has no route to 10.17.30.4
    er1-msee1 has 10.17.30.0/26, which does not reach loc1-ce1 (er1): the session is down
    hub-ergw has 10.17.30.0/26, which does not reach hub-vpngw (hub): a VPN gateway does not advertise to tunnels what it learned from circuits (expressroute-faqs)
    loc1-ce1 has 10.2.30.0/25, which does not reach er1-msee1 (er1): the session is down
    ```

    </details>

    1 path was not tried: er1-primary failed \| already

    <details>
    <summary>Outages of the storyboards</summary>

    ```text
    er1-fails: primary-down  fault er1-primary
      hub-vm -> loc1-vm  2 of 40 pings lost, outage 20 ms
    ```

    </details>

    <details>
    <summary>All 5 paths</summary>

    | From | To | State | Verdict | RTT | Path |
    | --- | --- | --- | --- | --- | --- |
    | hub-vm | branch-vm | steady | pass | 2.0 ms | hub-vpngw \> \* \> branch-vm |
    | branch-vm | loc2-vm | steady | pass | - | no answer |
    | loc1-vm | hub-vm | steady | fail | \<0.1 ms | loc1-lan \> loc1-ce1 \> hub-vm |
    | loc1-vm | remote-vm | steady | fail | - | \* \> \* \> \* \> \* \> \* |
    | hub-vm | loc1-vm | er1-fails: primary-down | skip | - | not tried |

    </details>
    "#);
}

#[test]
fn a_proof_is_junit() {
    let lab = Solved::hub_spoke().without("er1-primary");
    let properties = [
        ("lab", "hub-spoke".to_owned()),
        ("kernel", "6.1 <&\u{1b}>".to_owned()),
    ];
    let mut verification = broken(&lab);
    verification.results.remove(3);
    let xml = junit::junit(&verification, &properties).unwrap();
    assert_eq!(
        elements(&xml),
        [
            ("failure", 1),
            ("skipped", 1),
            ("testcase", 4),
            ("testsuite", 2)
        ]
    );
    assert_snapshot!(xml, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="lab hub-spoke" tests="4" failures="1" errors="0" skipped="1" time="0.412345">
      <testsuite name="steady" tests="3" failures="1" errors="0" skipped="0" time="0.002000">
        <properties>
          <property name="lab" value="hub-spoke"/>
          <property name="kernel" value="6.1 &lt;&amp;�&gt;"/>
        </properties>
        <testcase name="hub-vm -&gt; branch-vm" classname="hub-spoke.steady" time="0.002000">
          <system-out>hub-vpngw &gt; * &gt; branch-vm</system-out>
        </testcase>
        <testcase name="branch-vm -&gt; loc2-vm" classname="hub-spoke.steady" time="0.000000">
          <system-out>no answer</system-out>
        </testcase>
        <testcase name="loc1-vm -&gt; hub-vm" classname="hub-spoke.steady" time="0.000000">
          <failure message="the destination answers at hop 3 already" type="path">
       HOP  EXPECTED                        SEEN
       1    loc1-lan [10.2.30.3] 0 ms       loc1-lan [10.2.30.3] &lt;0.1 ms
       2    loc1-ce1 [192.168.30.0] 0 ms    loc1-ce1 [192.168.30.0] &lt;0.1 ms
    ✗  3    er1-msee1 [192.168.30.18] 0 ms  hub-vm [10.10.30.4] &lt;0.1 ms
    ✗  4    *
    ✗  5    hub-vm [10.10.30.4] 2 ms
    the destination answers at hop 3 already; 5 hops were expected; by the routes, the path is loc1-vm &gt; loc1-lan &gt; loc1-ce1 &gt; hub-vpngw &gt; hub-vm and back; if the packets took this path, correct the expectation; if not, the kernel&apos;s state differs from what was planned: `lab down` and `lab up` restore it
    lab why: loc1-vm reaches hub-vm in 3 hops
    </failure>
        </testcase>
      </testsuite>
      <testsuite name="er1-fails: primary-down" tests="1" failures="0" errors="0" skipped="1" time="0.000000">
        <properties>
          <property name="lab" value="hub-spoke"/>
          <property name="kernel" value="6.1 &lt;&amp;�&gt;"/>
        </properties>
        <testcase name="hub-vm -&gt; loc1-vm" classname="hub-spoke.er1-fails.primary-down" time="0.000000">
          <skipped message="er1-primary failed | already"/>
        </testcase>
        <system-out>er1-fails: primary-down  fault er1-primary
      hub-vm -&gt; loc1-vm  2 of 40 pings lost, outage 20 ms
    </system-out>
      </testsuite>
    </testsuites>
    "#);
}

/// Reads a document to its end, and counts some of its elements.
fn elements(xml: &str) -> [(&'static str, usize); 4] {
    let mut counts = ["failure", "skipped", "testcase", "testsuite"].map(|name| (name, 0));
    let mut reader = Reader::from_str(xml);
    let mut depth = 0;
    loop {
        let event = reader.read_event().unwrap();
        if let Event::Start(tag) | Event::Empty(tag) = &event {
            tag.attributes().for_each(|attribute| {
                attribute.unwrap();
            });
            for (name, count) in &mut counts {
                *count += usize::from(tag.name().as_ref() == name.as_bytes());
            }
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    counts
}

#[test]
fn json_says_why_and_who_answered() {
    let lab = Solved::hub_spoke().without("er1-primary");
    let verification = json::Verification::from(&broken(&lab));
    let failed = &verification.results[2];
    assert_eq!(
        failed.explanation.as_deref(),
        Some("loc1-vm reaches hub-vm in 3 hops")
    );
    let hop = serde_json::to_string(&failed.hops[2]).unwrap();
    assert_snapshot!(hop, @r#"{"ttl":3,"address":"10.10.30.4","addresses":["10.10.30.4"],"node":"hub-vm","rtt_ms":[0.0,0.0,0.0]}"#);
    let skipped = &verification.results[4];
    assert_eq!(skipped.storyboard.as_deref(), Some("er1-fails"));
}

#[test]
fn the_middle_of_a_long_path_is_counted() {
    let lab = Solved::hub_spoke();
    let expectation = lab.expectation("hub-vm", "loc1-vm");
    let mut checked = lab.checked(expectation);
    checked.observation.hops = (1..=30)
        .map(|ttl| hop(ttl, Some(Address::v4(192, 0, 2, ttl)), None))
        .collect();
    let mut verification = broken(&lab);
    verification.results = vec![checked];
    assert_snapshot!(crate::report::verification::paths(&verification), @r"
    FROM    TO       STATE   VERDICT  RTT  HOPS
    hub-vm  loc1-vm  steady  pass     -    192.0.2.1 > 192.0.2.2 > 192.0.2.3 > 192.0.2.4 > (24 more) > 192.0.2.29 > 192.0.2.30
    ");
}
