//! Imports of small networks.

use super::*;
use crate::lab;
use crate::yaml::Source;

mod az;
mod bad;
mod damaged;
mod endpoints;
mod forms;
mod large;
mod plans;
mod templates;

fn input(name: &str, text: impl Into<String>) -> Input {
    Input {
        name: name.to_owned(),
        text: text.into(),
    }
}

fn named(name: &str) -> Options {
    Options {
        name: name.to_owned(),
        ..Options::default()
    }
}

/// The resources of one test in a resource group, each of a type, a name and properties.
fn resource(kind: &str, name: &str, properties: &str) -> String {
    let group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/net";
    format!(
        r#"{{"id":"{group}/providers/{kind}/{name}","name":"{name}","type":"{kind}","location":"westeurope","properties":{properties}}}"#
    )
}

/// The id of a resource of Microsoft.Network in the same group.
fn id(path: &str) -> String {
    format!(
        r#"{{"id":"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/net/providers/Microsoft.Network/{path}"}}"#
    )
}

/// A lab file and the summary of its import. The lab file is valid.
fn shown(inputs: &[Input], options: &Options) -> String {
    let imported = import(inputs, options).unwrap();
    let findings = findings(&imported.text);
    format!("{}---\n{}{findings}", imported.text, imported.notes.text())
}

/// The findings of a lab file's own rules, errors and warnings.
fn findings(text: &str) -> String {
    let findings = match lab::parse(text) {
        Ok(spec) => match lab::resolve_with_warnings(&spec) {
            Ok((_, warnings)) => warnings,
            Err(errors) => errors,
        },
        Err(errors) => errors,
    };
    let source = Source {
        file: "lab.yaml".to_owned(),
        text: text.to_owned(),
    };
    yaml::render(&source, &findings).trim().to_owned()
}
