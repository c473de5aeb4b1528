//! Documents with parts that are missing or wrong: no panic, and an end.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{read, read_before};
use super::forms::{plan, show, state};
use super::hub_spoke::lines;

/// A change at a place of a document. The place is a number of steps, each a choice among the children.
#[derive(Debug, Clone)]
struct Mutation {
    steps: Vec<usize>,
    kind: u8,
    text: String,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let steps = proptest::collection::vec(any::<usize>(), 1..9);
    (steps, 0..8_u8, "[a-z.\\[\\]\"*/|é]{0,12}").prop_map(|(steps, kind, text)| Mutation {
        steps,
        kind,
        text,
    })
}

fn mutate(document: &mut Value, mutation: &Mutation) {
    let mut place = document;
    for step in &mutation.steps {
        let length = match &*place {
            Value::Array(items) => items.len(),
            Value::Object(object) => object.len(),
            _ => 0,
        };
        if length == 0 {
            break;
        }
        let next = match place {
            Value::Array(items) => items.get_mut(step % length),
            Value::Object(object) => object.values_mut().nth(step % length),
            _ => None,
        };
        place = next.unwrap();
    }
    *place = match mutation.kind {
        0 => Value::Null,
        1 => json!(true),
        2 => json!([place.clone(), place.clone()]),
        3 => json!({ "references": [mutation.text], "name": mutation.text }),
        4 => json!(mutation.text),
        5 => json!(-1.5),
        6 => json!([]),
        _ => json!({ "id": place.clone(), "properties": [] }),
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_document_makes_it_panic(form in 0..4_usize, mutations in proptest::collection::vec(mutation(), 1..6)) {
        let mut document = match form {
            0 => state(&lines()),
            1 => show(&lines()),
            2 => plan(&lines()),
            _ => super::modules::document(),
        };
        for one in &mutations {
            mutate(&mut document, one);
        }
        _ = read(&document);
        _ = read_before(&document);
    }
}
