//! A verification as `JUnit` XML for CI systems: one suite per state of the lab, one case per path.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::report::side_by_side::side_by_side;
use crate::report::storyboard;
use crate::report::tracert::{LabNames, names_of};
use crate::report::verification::{
    Checked, SIDES, Verification, headline, path, place, reasons, rows,
};
use crate::verify::Verdict;

/// A document under construction.
type Xml = Writer<Vec<u8>>;

/// Names and values.
type Attributes = [(&'static str, String)];

/// The whole document. `properties` describe where the lab ran, as names and values.
///
/// # Errors
///
/// Never fails: the writer's methods require this return type.
pub fn junit(verification: &Verification<'_>, properties: &[(&str, String)]) -> io::Result<String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let whole = Whole {
        verification,
        properties,
        names: &names_of(verification.topology),
    };
    let name = format!("lab {}", verification.topology.name);
    let time = seconds(verification.elapsed);
    let attributes = counted(name, &verification.results, time);
    element(&mut xml, "testsuites", &attributes, |xml| {
        let mut states = verification.states();
        states.try_for_each(|state| whole.suite(xml, state))
    })?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

struct Whole<'a> {
    verification: &'a Verification<'a>,
    properties: &'a [(&'a str, String)],
    names: &'a LabNames<'a>,
}

impl Whole<'_> {
    fn suite(&self, xml: &mut Xml, state: &[Checked<'_>]) -> io::Result<()> {
        let name = state.first().map(place).unwrap_or_default();
        let time = state.iter().map(duration).sum();
        let attributes = counted(name.clone(), state, seconds(time));
        element(xml, "testsuite", &attributes, |xml| {
            self.properties(xml)?;
            let mut cases = state.iter();
            cases.try_for_each(|checked| self.case(xml, &name, checked))?;
            self.outage(xml, state)
        })
    }

    fn properties(&self, xml: &mut Xml) -> io::Result<()> {
        element(xml, "properties", &[], |xml| {
            let in_force = self.verification.in_force.iter();
            let in_force = in_force.map(|one| ("in force", one.to_string()));
            let mut properties = self.properties.iter().cloned().chain(in_force);
            properties.try_for_each(|(name, value)| {
                empty(
                    xml,
                    "property",
                    &[("name", name.to_owned()), ("value", value)],
                )
            })
        })
    }

    fn case(&self, xml: &mut Xml, suite: &str, checked: &Checked<'_>) -> io::Result<()> {
        let topology = self.verification.topology;
        let [from, to] = checked.pair(topology);
        let attributes = [
            ("name", format!("{from} -> {to}")),
            // CI systems split this name at dots to show a tree.
            (
                "classname",
                format!("{}.{}", topology.name, suite.replace(": ", ".")),
            ),
            ("time", seconds(duration(checked))),
        ];
        let why = &checked.judgement.why;
        element(xml, "testcase", &attributes, |xml| {
            match checked.judgement.verdict {
                Verdict::Pass => output(xml, &path(checked, self.names)),
                Verdict::Skip => empty(xml, "skipped", &[("message", why.clone())]),
                Verdict::Fail => self.failure(xml, checked),
            }
        })
    }

    fn failure(&self, xml: &mut Xml, checked: &Checked<'_>) -> io::Result<()> {
        let rows = rows(self.verification.topology, checked, self.names);
        let body = format!(
            "\n{}{}\n",
            side_by_side(&rows, SIDES),
            reasons(checked).join("\n")
        );
        let attributes = [
            ("message", headline(checked).to_owned()),
            ("type", "path".to_owned()),
        ];
        element(xml, "failure", &attributes, |xml| text(xml, &body))
    }

    /// The outages of the step that led to a state.
    fn outage(&self, xml: &mut Xml, state: &[Checked<'_>]) -> io::Result<()> {
        let first = state.first();
        let mut steps = self.verification.outages.iter();
        let step = steps.find(|step| {
            first.is_some_and(|first| {
                first.storyboard.as_deref() == Some(&step.storyboard) && first.state == step.step
            })
        });
        step.map_or(Ok(()), |step| {
            output(xml, &storyboard::text(self.verification.topology, step))
        })
    }
}

/// Name, counts and time of some results.
fn counted(name: String, results: &[Checked<'_>], time: String) -> Vec<(&'static str, String)> {
    let count = |verdict| {
        let of = results
            .iter()
            .filter(|checked| checked.judgement.verdict == verdict);
        of.count().to_string()
    };
    vec![
        ("name", name),
        ("tests", results.len().to_string()),
        ("failures", count(Verdict::Fail)),
        ("errors", "0".to_owned()),
        ("skipped", count(Verdict::Skip)),
        ("time", time),
    ]
}

/// The time to probe a path: the longest of its probes, since they run in parallel.
fn duration(checked: &Checked<'_>) -> Duration {
    let hops = checked.observation.hops.iter();
    let times = hops.flat_map(|hop| hop.round_trip_times.iter().flatten());
    times.max().copied().unwrap_or_default()
}

fn seconds(duration: Duration) -> String {
    format!("{:.6}", duration.as_secs_f64())
}

fn output(xml: &mut Xml, said: &str) -> io::Result<()> {
    element(xml, "system-out", &[], |xml| text(xml, said))
}

fn element(
    xml: &mut Xml,
    name: &str,
    attributes: &Attributes,
    inner: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    let mut element = xml.create_element(name);
    for (key, value) in attributes {
        element = element.with_attribute((*key, legal(value).as_ref()));
    }
    element.write_inner_content(inner)?;
    Ok(())
}

fn empty(xml: &mut Xml, name: &str, attributes: &Attributes) -> io::Result<()> {
    let mut element = xml.create_element(name);
    for (key, value) in attributes {
        element = element.with_attribute((*key, legal(value).as_ref()));
    }
    element.write_empty()?;
    Ok(())
}

fn text(xml: &mut Xml, text: &str) -> io::Result<()> {
    xml.write_event(Event::Text(BytesText::new(&legal(text))))
}

/// The text without characters that XML does not allow, even escaped (XML 1.0, section 2.2).
fn legal(text: &str) -> Cow<'_, str> {
    let is_illegal = |c: char| {
        c.is_control() && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    if text.contains(is_illegal) {
        Cow::Owned(text.replace(is_illegal, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}
