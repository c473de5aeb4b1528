//! A verification as `JUnit` XML for CI systems: one suite per state of the lab, one case per path.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde::{Deserialize, Serialize};

use crate::report::failure::Failure;
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

/// A suite: one state of a lab.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// Where the lab ran and what was in force, as names and values.
    pub properties: Vec<(String, String)>,
    /// Its cases.
    pub cases: Vec<Case>,
    /// What else is to be read about it.
    pub output: Option<String>,
}

/// A case: one path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    name: String,
    class: String,
    time: Duration,
    result: CaseResult,
}

/// The result of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum CaseResult {
    /// It holds, with the path.
    Passed(String),
    /// It was not tried, for this reason.
    Skipped(String),
    /// It does not hold.
    Failed { message: String, body: String },
    /// It could not be tried.
    Broken {
        message: String,
        kind: String,
        body: String,
    },
}

/// The whole document about one lab. `properties` describe where it ran, as names and values.
///
/// # Errors
///
/// Never fails: the writer's methods require this return type.
pub fn junit(verification: &Verification<'_>, properties: &[(&str, String)]) -> io::Result<String> {
    let name = format!("lab {}", verification.topology.name);
    document(
        &name,
        &suites(verification, properties),
        verification.elapsed,
    )
}

/// The whole document with some suites.
///
/// # Errors
///
/// Never fails: the writer's methods require this return type.
pub fn document(name: &str, suites: &[Suite], time: Duration) -> io::Result<String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let cases = suites.iter().flat_map(|suite| &suite.cases);
    let attributes = counted(name, cases, time);
    element(&mut xml, "testsuites", &attributes, |xml| {
        suites.iter().try_for_each(|suite| write_suite(xml, suite))
    })?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The suites of a proof.
#[must_use]
pub fn suites(verification: &Verification<'_>, properties: &[(&str, String)]) -> Vec<Suite> {
    let in_force = verification.in_force.iter();
    let in_force = in_force.map(|one| ("in force".to_owned(), one.to_string()));
    let properties = properties.iter();
    let properties = properties.map(|(name, value)| ((*name).to_owned(), value.clone()));
    let whole = Whole {
        verification,
        properties: properties.chain(in_force).collect(),
        names: &names_of(verification.topology),
    };
    let states = verification.states();
    states.map(|state| whole.suite(state)).collect()
}

/// The suite of a lab that could not be proved.
#[must_use]
pub fn broken(lab: &str, failure: &Failure) -> Suite {
    Suite {
        name: "lab".to_owned(),
        properties: Vec::new(),
        cases: vec![Case {
            name: format!("lab {lab}"),
            class: lab.to_owned(),
            time: Duration::ZERO,
            result: CaseResult::Broken {
                message: failure.message.clone(),
                kind: failure.kind.to_string(),
                body: format!("\n{}", failure.text),
            },
        }],
        output: None,
    }
}

impl Case {
    /// A case that holds, or differs: then with a message and a longer text.
    #[must_use]
    pub fn compared(name: String, class: String, difference: Option<(String, String)>) -> Self {
        let result = match difference {
            None => CaseResult::Passed(String::new()),
            Some((message, body)) => CaseResult::Failed {
                message,
                body: format!("\n{body}"),
            },
        };
        Self {
            name,
            class,
            time: Duration::ZERO,
            result,
        }
    }
}

struct Whole<'a> {
    verification: &'a Verification<'a>,
    properties: Vec<(String, String)>,
    names: &'a LabNames<'a>,
}

impl Whole<'_> {
    fn suite(&self, state: &[Checked<'_>]) -> Suite {
        let name = state.first().map(place).unwrap_or_default();
        let cases = state.iter().map(|checked| self.case(&name, checked));
        Suite {
            properties: self.properties.clone(),
            cases: cases.collect(),
            output: self.outage(state),
            name,
        }
    }

    fn case(&self, suite: &str, checked: &Checked<'_>) -> Case {
        let topology = self.verification.topology;
        let [from, to] = checked.pair(topology);
        Case {
            name: format!("{from} -> {to}"),
            // CI systems split this name at dots to show a tree.
            class: format!("{}.{}", topology.name, suite.replace(": ", ".")),
            time: duration(checked),
            result: match checked.judgement.verdict {
                Verdict::Pass => CaseResult::Passed(path(checked, self.names)),
                Verdict::Skip => CaseResult::Skipped(checked.judgement.why.clone()),
                Verdict::Fail => self.failure(checked),
            },
        }
    }

    fn failure(&self, checked: &Checked<'_>) -> CaseResult {
        let rows = rows(self.verification.topology, checked, self.names);
        CaseResult::Failed {
            message: headline(checked).to_owned(),
            body: format!(
                "\n{}{}\n",
                side_by_side(&rows, SIDES),
                reasons(checked).join("\n")
            ),
        }
    }

    /// The outages of the step that led to a state.
    fn outage(&self, state: &[Checked<'_>]) -> Option<String> {
        let first = state.first();
        let mut steps = self.verification.outages.iter();
        let step = steps.find(|step| {
            first.is_some_and(|first| {
                first.storyboard.as_deref() == Some(&step.storyboard) && first.state == step.step
            })
        })?;
        Some(storyboard::text(self.verification.topology, step))
    }
}

fn write_suite(xml: &mut Xml, suite: &Suite) -> io::Result<()> {
    let time = suite.cases.iter().map(|case| case.time).sum();
    let attributes = counted(&suite.name, suite.cases.iter(), time);
    element(xml, "testsuite", &attributes, |xml| {
        element(xml, "properties", &[], |xml| {
            let mut properties = suite.properties.iter();
            properties.try_for_each(|(name, value)| {
                let attributes = [("name", name.clone()), ("value", value.clone())];
                empty(xml, "property", &attributes)
            })
        })?;
        suite
            .cases
            .iter()
            .try_for_each(|case| write_case(xml, case))?;
        suite.output.iter().try_for_each(|said| output(xml, said))
    })
}

fn write_case(xml: &mut Xml, case: &Case) -> io::Result<()> {
    let attributes = [
        ("name", case.name.clone()),
        ("classname", case.class.clone()),
        ("time", seconds(case.time)),
    ];
    let of_kind =
        |message: &String, kind: &str| [("message", message.clone()), ("type", kind.to_owned())];
    element(xml, "testcase", &attributes, |xml| match &case.result {
        CaseResult::Passed(path) => output(xml, path),
        CaseResult::Skipped(why) => empty(xml, "skipped", &[("message", why.clone())]),
        CaseResult::Failed { message, body } => {
            element(xml, "failure", &of_kind(message, "path"), |xml| {
                text(xml, body)
            })
        }
        CaseResult::Broken {
            message,
            kind,
            body,
        } => element(xml, "error", &of_kind(message, kind), |xml| text(xml, body)),
    })
}

/// Name, counts and time of some cases.
fn counted<'a>(
    name: &str,
    cases: impl Iterator<Item = &'a Case>,
    time: Duration,
) -> Vec<(&'static str, String)> {
    let [mut all, mut failures, mut errors, mut skipped] = [0; 4];
    for case in cases {
        all += 1;
        match case.result {
            CaseResult::Passed(_) => {}
            CaseResult::Skipped(_) => skipped += 1,
            CaseResult::Failed { .. } => failures += 1,
            CaseResult::Broken { .. } => errors += 1,
        }
    }
    vec![
        ("name", name.to_owned()),
        ("tests", all.to_string()),
        ("failures", failures.to_string()),
        ("errors", errors.to_string()),
        ("skipped", skipped.to_string()),
        ("time", seconds(time)),
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
