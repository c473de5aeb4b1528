//! Why files could not be imported.

use crate::import::template::TemplateError;
use crate::import::terraform::TerraformError;

/// Why files could not be imported. Each message names the file, what is wrong in it, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The file is larger than what is read.
    #[error(
        "{file} has more than 64 MiB; export only the resource groups of the network, a file for each"
    )]
    TooLarge {
        /// The file's name.
        file: String,
    },
    /// The text is not JSON.
    #[error(
        "{file} is not JSON: {reason}; import reads the JSON output of az and of Terraform, and ARM templates"
    )]
    Syntax {
        /// The file's name.
        file: String,
        /// The parser's reason, with line and column.
        reason: String,
    },
    /// The JSON is of no known form.
    #[error(
        "{file} is of no known form: it has {found}; import reads lists and resources of `az ... -o json`, Resource Graph results, REST answers, ARM templates, `az bicep snapshot` and Terraform states and plans"
    )]
    Unknown {
        /// The file's name.
        file: String,
        /// What was found instead.
        found: String,
    },
    /// A state or plan of Terraform cannot be read.
    #[error("{file} cannot be imported")]
    Terraform {
        /// The file's name.
        file: String,
        /// Why.
        #[source]
        source: TerraformError,
    },
    /// There is no state before a file that is no plan.
    #[error(
        "{file} is no plan of Terraform, so it has no state before it; name a second lab or file to compare it with"
    )]
    NoPlan {
        /// The file's name.
        file: String,
    },
    /// A template cannot be evaluated.
    #[error("{file} cannot be imported")]
    Template {
        /// The file's name.
        file: String,
        /// Why.
        #[source]
        source: TemplateError,
    },
    /// No template has the parameter.
    #[error(
        "no template has a parameter `{name}`{}; correct its name or leave it out",
        near.as_ref().map(|near| format!(", did you mean `{near}`?")).unwrap_or_default()
    )]
    NoParameter {
        /// Its name.
        name: String,
        /// The most similar name of a parameter.
        near: Option<String>,
    },
    /// The JSON is a file of parameters.
    #[error(
        "{file} has the parameters of a template; give it with `--parameters {file}`, and the template as a file"
    )]
    Parameters {
        /// The file's name.
        file: String,
    },
    /// No file has a virtual network.
    #[error(
        "no virtual network in {files}: a lab needs the output of `az network vnet list -o json` or a file with virtual networks (`lab az-script` prints the commands)"
    )]
    Empty {
        /// The files' names.
        files: String,
    },
    /// The hand-written part is not a lab file's part.
    #[error("{file} cannot be merged: {reason}")]
    OnPremises {
        /// The file's name.
        file: String,
        /// Why.
        reason: String,
    },
}
