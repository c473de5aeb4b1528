//! Bad input: one clear error each.

use super::*;

fn error(text: &str) -> String {
    match import(&[input("file.json", text)], &named("x")) {
        Ok(imported) => imported.text,
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_bad_input_has_one_clear_error() {
    let inputs = [
        "",
        "name: lab\n",
        r#"[{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v""#,
        "/* unfinished",
        "3",
        "[]",
        "{}",
        r#"["text"]"#,
        r#"[{"name": "without a type"}]"#,
        r#"{"$schema": "https://x/deploymentParameters.json#", "parameters": {}}"#,
        r#"{"$schema": "https://x/2019-04-01/deploymentTemplate.json#", "resources": []}"#,
        r#"{"$schema": "https://x/deploymentTemplate.json#", "parameters": {"n": {"type": "string"}}, "resources": [{"type": "a/b", "name": "[parameters('n')]"}]}"#,
        r#"[{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/d"}]"#,
    ];
    let errors: Vec<String> = inputs.iter().map(|text| error(text)).collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    file.json is not JSON: EOF while parsing a value at line 1 column 0; import reads the JSON output of az and of Terraform, and ARM templates
    file.json is not JSON: expected ident at line 1 column 2; import reads the JSON output of az and of Terraform, and ARM templates
    file.json is not JSON: EOF while parsing an object at line 1 column 89; import reads the JSON output of az and of Terraform, and ARM templates
    file.json is not JSON: EOF while parsing a value at line 1 column 13; import reads the JSON output of az and of Terraform, and ARM templates
    file.json is of no known form: it has a number; import reads lists and resources of `az ... -o json`, Resource Graph results, REST answers, ARM templates, `az bicep snapshot` and Terraform states and plans
    no virtual network in file.json: a lab needs the output of `az network vnet list -o json` or a file with virtual networks (`lab az-script` prints the commands)
    file.json is of no known form: it has an empty object; import reads lists and resources of `az ... -o json`, Resource Graph results, REST answers, ARM templates, `az bicep snapshot` and Terraform states and plans
    file.json is of no known form: it has a list of items with a text; import reads lists and resources of `az ... -o json`, Resource Graph results, REST answers, ARM templates, `az bicep snapshot` and Terraform states and plans
    file.json is of no known form: it has a list of items with the keys `name`; import reads lists and resources of `az ... -o json`, Resource Graph results, REST answers, ARM templates, `az bicep snapshot` and Terraform states and plans
    file.json has the parameters of a template; give it with `--parameters file.json`, and the template as a file
    no virtual network in file.json: a lab needs the output of `az network vnet list -o json` or a file with virtual networks (`lab az-script` prints the commands)
    file.json cannot be imported
    no virtual network in file.json: a lab needs the output of `az network vnet list -o json` or a file with virtual networks (`lab az-script` prints the commands)
    "#);
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let text = " ".repeat(LARGEST_FILE + 1);
    insta::assert_snapshot!(error(&text), @"file.json has more than 64 MiB; export only the resource groups of the network, a file for each");
}

#[test]
fn deep_nesting_is_an_error_and_not_a_crash() {
    let text = "[".repeat(100_000);
    assert!(error(&text).contains("recursion limit"), "{}", error(&text));
}

#[test]
fn a_part_by_hand_that_is_no_mapping_is_named() {
    let network = resource("Microsoft.Network/virtualNetworks", "v", "{}");
    for text in ["- a\n", "a: [\n"] {
        let options = Options {
            on_premises: Some(input("hand.yaml", text)),
            ..named("x")
        };
        let error = import(&[input("f", network.clone())], &options)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("hand.yaml cannot be merged: "), "{error}");
    }
}
