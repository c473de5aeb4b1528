//! A lab file out of what Azure's tools say of a network.
//!
//! Files of several formats become one list of resources of Azure Resource Manager, and these become the text of a lab
//! file, which the lab file's own parser then judges like any other. What the files do not state is chosen and marked;
//! what a lab does not model is listed. No file, clock or network is used: text in, text out.

mod az_script;
mod drift;
mod error;
mod id;
mod json;
mod map;
mod names;
mod notes;
mod on_premises;
mod recognize;
mod resource;
pub mod template;
pub mod terraform;
pub(crate) mod text;
mod view;

#[cfg(test)]
mod tests;

pub use az_script::az_script;
pub use drift::Difference;
pub use error::ImportError;
pub use json::LARGEST_FILE;
pub use notes::Notes;

use crate::findings;
use crate::yaml;
use resource::Resources;
use text::{Map, Value};

/// A file to import.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its name, for errors and comments.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What the files do not say.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The lab's name.
    pub name: String,
    /// Whether subnets without a machine get one.
    pub probe_machines: bool,
    /// The values of the parameters of templates, by name.
    pub parameters: serde_json::Map<String, serde_json::Value>,
    /// Whether the state before a plan of Terraform is imported, instead of the one after it.
    pub before: bool,
    /// A part of a lab file that was written by hand: sites, and what belongs to them. It replaces what would be chosen.
    pub on_premises: Option<Input>,
}

/// The result of an import.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The text of the lab file.
    pub text: String,
    /// What was taken, left and chosen.
    pub notes: Notes,
    document: Map,
}

impl Imported {
    /// What differs between the network and a lab file with all of its defaults written out. Nothing for a text that is
    /// no YAML.
    #[must_use]
    pub fn drift(&self, filled: &str) -> Vec<Difference> {
        let lab = yaml::reading::read(filled);
        match lab.as_ref().map(Value::of_tree) {
            Ok(Value::Map(lab)) => drift::drift(&self.document, &lab),
            _ => Vec::new(),
        }
    }
}

/// The values in a file of parameters.
///
/// # Errors
///
/// [`ImportError`], for a file that is not JSON or has no parameters.
pub fn parameters(
    input: &Input,
) -> Result<serde_json::Map<String, serde_json::Value>, ImportError> {
    let document = json::parse(&input.name, &input.text)?;
    template::parameters(&document).ok_or_else(|| ImportError::Unknown {
        file: input.name.clone(),
        found: "no `parameters` with values".to_owned(),
    })
}

/// Imports files: their resources together are one network.
///
/// # Errors
///
/// [`ImportError`], for a file that is not JSON or of no known form, and for files without a virtual network.
pub fn import(inputs: &[Input], options: &Options) -> Result<Imported, ImportError> {
    let mut notes = Notes::default();
    let mut resources = Vec::new();
    let mut declared = Vec::new();
    for input in inputs {
        let document = json::parse(&input.name, &input.text)?;
        declared.extend(recognize::declared(&document));
        resources.extend(recognize::read(&input.name, document, options, &mut notes)?);
    }
    let mut given = options.parameters.keys();
    if let Some(name) = given.find(|name| !declared.contains(&name.to_ascii_lowercase())) {
        return Err(ImportError::NoParameter {
            name: name.clone(),
            near: findings::near(name, declared.iter().map(String::as_str)).map(str::to_owned),
        });
    }
    let resources = Resources::new(resources);
    if resources.of("virtualNetworks").next().is_none() {
        let files: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
        return Err(ImportError::Empty {
            files: files.join(", "),
        });
    }
    let by_hand = options
        .on_premises
        .as_ref()
        .map(on_premises::read)
        .transpose()?;
    let mut mapped = map::map(&resources, options, by_hand.as_ref(), notes);
    if let Some(by_hand) = &by_hand {
        on_premises::merge(&mut mapped.document, by_hand);
    }
    Ok(Imported {
        text: mapped.document.write(&mapped.head),
        notes: mapped.notes,
        document: mapped.document,
    })
}
