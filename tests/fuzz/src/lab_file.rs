//! A lab file, from its bytes to a plan or to findings.

use std::collections::BTreeSet;

use netns_lab::engine::{EngineError, Lab, load_text};
use netns_lab::plan::Operation;
use netns_lab::yaml::{Source, position, render};

/// How many findings are looked up in the text; each lookup reads it.
const LOOKED_UP: usize = 20;

/// These bytes are a lab file with a printable plan, or with printable findings.
///
/// # Panics
///
/// If they are neither.
pub fn lab_file(bytes: &[u8]) {
    let source = Source {
        file: "lab.yaml".to_owned(),
        text: String::from_utf8_lossy(bytes).into_owned(),
    };
    match load_text(source) {
        Ok(lab) => planned(&lab),
        Err(EngineError::Findings(source, findings)) => {
            assert!(!findings.is_empty(), "refused without a finding");
            let lines = source.text.lines().count().max(1);
            for finding in findings.iter().take(LOOKED_UP) {
                let (line, column) = position(&source.text, finding.place);
                assert!((1..=lines + 1).contains(&line) && column > 0, "{finding:?}");
            }
            let shown = render(&source, &findings);
            assert!(shown.contains(" in lab.yaml"), "{shown}");
            let is_control = |c: char| c.is_control() && c != '\n';
            assert!(!shown.contains(is_control), "{shown:?}");
        }
        Err(error @ (EngineError::NotConverged(_) | EngineError::Unfit(_))) => {
            assert!(error.is_bad_input());
        }
        Err(error) => panic!("what is wrong with a text is no other error: {error:?}"),
    }
}

/// Every operation can be described, and its namespaces exist.
fn planned(lab: &Lab) {
    let mut made = BTreeSet::new();
    for operation in lab.plan.operations() {
        assert!(!lab.plan.describe(operation).is_empty(), "{operation:?}");
        if let Operation::Namespace(node, _) = operation {
            assert!(made.insert(node), "made twice: {operation:?}");
        }
        let mut nodes = operation.nodes().into_iter();
        assert!(nodes.all(|node| made.contains(&node)), "{operation:?}");
    }
    assert_eq!(made.len(), lab.plan.nodes.len());
}
