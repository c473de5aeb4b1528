//! Whole templates, and every function.

use serde_json::json;

use super::scope::{Failure, Scope};
use super::*;

fn settings(parameters: &Value) -> Settings {
    Settings {
        parameters: parameters.as_object().cloned().unwrap_or_default(),
        subscription_id: "s".to_owned(),
        resource_group: "g".to_owned(),
        location: "l".to_owned(),
    }
}

/// The value of an expression of a template without parameters.
fn value(text: &str) -> Value {
    let settings = settings(&json!({}));
    let template =
        json!({ "variables": { "list": [3, 1, 2], "object": { "a": 1, "B": { "c": [7] } } } });
    let mut scope = Scope::new(&template, &settings);
    scope
        .text(text)
        .unwrap_or_else(|failure| json!(format!("{failure:?}")))
}

#[test]
fn variables_parameters_and_ids_are_evaluated() {
    let template = json!({
        "parameters": { "a": { "type": "string", "defaultValue": "[toLower('X')]" }, "b": { "type": "string" }, "key": { "type": "secureString" } },
        "variables": {
            "v": { "list": ["[concat(parameters('A'), '-', add(1, 2))]"] }, "c": "[variables('c')]",
            "copy": [{ "name": "n", "count": 3, "input": "[concat('n', copyIndex('n', 1))]" }],
        }
    });
    let settings = settings(&json!({}));
    let mut scope = Scope::new(&template, &settings);
    assert_eq!(scope.text("[variables('V').list[0]]"), Ok(json!("x-3")));
    assert_eq!(
        scope.text("[variables('n')]"),
        Ok(json!(["n1", "n2", "n3"]))
    );
    assert_eq!(scope.text("[parameters('key')]"), Ok(json!("placeholder")));
    let wrong = |found: Result<Value, Failure>| match found {
        Err(Failure::Wrong(error)) => error.to_string(),
        other => format!("{other:?}"),
    };
    assert!(wrong(scope.text("[variables('c')]")).contains("refers to itself"));
    assert!(wrong(scope.text("[parameters('b')]")).contains("`--set b=VALUE`"));
    assert!(matches!(
        scope.text("[listKeys('x')]"),
        Err(Failure::Runtime(_))
    ));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a line for each function")]
fn functions_give_what_the_documents_say() {
    let group = "/subscriptions/s/resourceGroups/g";
    let cases = [
        ("concat('a', 1, 'b')", json!("a1b")),
        (
            "concat(variables('list'), createArray(9))",
            json!([3, 1, 2, 9]),
        ),
        ("format('{0}-{1:D3}-{{x}}', 'a', 7)", json!("a-007-{x}")),
        ("toUpper(trim(' ab '))", json!("AB")),
        ("substring('hello', 1, 3)", json!("ell")),
        (
            "split('a,b;c', createArray(',', ';'))",
            json!(["a", "b", "c"]),
        ),
        ("join(createArray('a', 'b'), '+')", json!("a+b")),
        ("replace('aXa', 'X', '-')", json!("a-a")),
        ("padLeft('7', 3, '0')", json!("007")),
        ("startsWith('Hello', 'he')", json!(true)),
        ("endsWith('Hello', 'LO')", json!(true)),
        ("indexOf('banana', 'AN')", json!(1)),
        ("lastIndexOf('banana', 'an')", json!(3)),
        ("indexOf('banana', 'x')", json!(-1)),
        ("length(variables('list'))", json!(3)),
        ("empty('')", json!(true)),
        ("contains('abc', 'b')", json!(true)),
        ("contains(variables('object'), 'b')", json!(true)),
        ("contains(variables('list'), 2)", json!(true)),
        ("first('abc')", json!("a")),
        ("last(variables('list'))", json!(2)),
        ("skip(variables('list'), 2)", json!([2])),
        ("take('abc', 2)", json!("ab")),
        (
            "union(createArray(1, 2), createArray(2, 3))",
            json!([1, 2, 3]),
        ),
        (
            "union(variables('object'), createObject('a', 2)).a",
            json!(2),
        ),
        (
            "intersection(createArray(1, 2), createArray(2, 3))",
            json!([2]),
        ),
        ("range(5, 3)", json!([5, 6, 7])),
        ("min(variables('list'))", json!(1)),
        ("max(4, 9)", json!(9)),
        ("coalesce(null(), 'x')", json!("x")),
        ("items(createObject('b', 1, 'a', 2))[0].key", json!("a")),
        ("variables('object').b.C[0]", json!(7)),
        (
            "flatten(createArray(createArray(1), createArray(2)))",
            json!([1, 2]),
        ),
        ("mod(7, 4)", json!(3)),
        ("div(7, 2)", json!(3)),
        ("int('42')", json!(42)),
        ("equals('a', 'A')", json!(false)),
        ("equals(1, 1)", json!(true)),
        ("if(equals(1, 2), listKeys('x'), 'no')", json!("no")),
        ("and(true(), bool('true'), not(false()))", json!(true)),
        ("less(1, 2)", json!(true)),
        ("greaterOrEquals('b', 'a')", json!(true)),
        ("json('{\"a\": [1]}').a[0]", json!(1)),
        ("cidrSubnet('10.144.0.0/20', 24, 2)", json!("10.144.2.0/24")),
        ("cidrHost('10.144.3.0/24', 3)", json!("10.144.3.4")),
        (
            "parseCidr('10.144.0.0/20').lastUsable",
            json!("10.144.15.254"),
        ),
        ("resourceGroup().location", json!("l")),
        ("subscription().subscriptionId", json!("s")),
        (
            "resourceId('N/a/b', '1', '2')",
            json!(format!("{group}/providers/N/a/1/b/2")),
        ),
        (
            "resourceId('o', 'N/a', '1')",
            json!("/subscriptions/s/resourceGroups/o/providers/N/a/1"),
        ),
        (
            "subscriptionResourceId('N/a', '1')",
            json!("/subscriptions/s/providers/N/a/1"),
        ),
        ("tenantResourceId('N/a', '1')", json!("/providers/N/a/1")),
        (
            "extensionResourceId('/x', 'N/a', '1')",
            json!("/x/providers/N/a/1"),
        ),
        ("length(uniqueString('a'))", json!(13)),
        ("equals(guid('a'), guid('a'))", json!(true)),
        ("environment().name", json!("AzureCloud")),
    ];
    for (text, expected) in cases {
        assert_eq!(value(&format!("[{text}]")), expected, "{text}");
    }
}

#[test]
fn wrong_calls_are_errors_and_never_panics() {
    for text in [
        "substring('a', 2)",
        "substring('a', 0, 9)",
        "add('x', 1)",
        "div(1, 0)",
        "mul(9223372036854775807, 2)",
        "format('{')",
        "format('{9}')",
        "cidrSubnet('10.0.0.0/24', 16, 0)",
        "cidrSubnet('10.0.0.0/24', 26, 4)",
        "cidrHost('10.0.0.0/32', 1)",
        "parseCidr('x')",
        "range(0, 10001)",
        "int('x')",
        "json('{')",
        "resourceId('x')",
        "resourceId('N/a', '1', '2')",
        "min('a')",
        "copyIndex()",
        "variables('none')",
    ] {
        let found = value(&format!("[{text}]"));
        assert!(
            found.as_str().is_some_and(|text| text.starts_with("Wrong")),
            "{text}: {found}"
        );
    }
}

#[test]
fn a_text_that_doubles_again_and_again_is_an_error() {
    let mut variables = json!({ "v0": "0123456789abcdef" });
    for number in 1..40 {
        let before = number - 1;
        variables[format!("v{number}")] = json!(format!(
            "[concat(variables('v{before}'), variables('v{before}'))]"
        ));
    }
    let template = json!({ "variables": variables });
    let settings = settings(&json!({}));
    let found = Scope::new(&template, &settings).text("[variables('v39')]");
    assert!(matches!(found, Err(Failure::Wrong(_))), "{found:?}");
}

/// A deployment of both scopes, whose output another resource uses.
fn nested(scope: &str) -> Value {
    json!({
        "parameters": { "name": { "type": "string", "defaultValue": "outer" } },
        "resources": [
            {
                "type": "Microsoft.Resources/deployments", "name": "dep", "resourceGroup": "other",
                "properties": {
                    "expressionEvaluationOptions": { "scope": scope },
                    "parameters": { "name": { "value": "inner" } },
                    "template": {
                        "parameters": { "name": { "type": "string" } },
                        "resources": [{ "type": "N/a", "name": "[parameters('name')]", "properties": {} }],
                        "outputs": { "id": { "type": "string", "value": "[resourceId('N/a', parameters('name'))]" } },
                    },
                },
            },
            { "type": "N/b", "name": "b", "properties": { "of": "[reference('dep').outputs.id.value]" } },
        ],
    })
}

#[test]
fn nested_deployments_have_their_own_parameters_or_those_around_them() {
    for (scope, group, name) in [("inner", "other", "inner"), ("Outer", "g", "outer")] {
        let evaluated = evaluate(&nested(scope), &settings(&json!({}))).unwrap();
        let id = format!("/subscriptions/s/resourceGroups/{group}/providers/N/a/{name}");
        assert_eq!(evaluated.resources[0]["id"], json!(id));
        assert_eq!(evaluated.resources[1]["properties"]["of"], json!(id));
    }
    let linked = json!({ "resources": [{ "type": "Microsoft.Resources/deployments", "name": "d", "properties": { "templateLink": {} } }] });
    let warnings = evaluate(&linked, &settings(&json!({}))).unwrap().warnings;
    assert_eq!(
        warnings,
        ["the deployment d has its template in another file, which is not read"]
    );
}

/// The facts of a sandbox: a hub and spokes with eight halves of peerings, of which a condition keeps four.
#[test]
fn conditions_and_copies_make_the_resources_that_azure_would_make() {
    let half = |name: &str, with: bool| {
        let condition = if with {
            "[parameters('vpn')]"
        } else {
            "[not(parameters('vpn'))]"
        };
        json!({
            "condition": condition, "type": "Microsoft.Network/virtualNetworks/virtualNetworkPeerings", "name": name,
            "properties": { "useRemoteGateways": with },
        })
    };
    let halves: Vec<Value> = ["hub/dev", "hub/prod", "dev/hub", "prod/hub"]
        .iter()
        .flat_map(|name| [half(name, true), half(name, false)])
        .collect();
    let mut resources = vec![json!({
        "type": "Microsoft.Network/virtualNetworks", "name": "[concat('spoke', copyIndex())]", "copy": { "name": "spokes", "count": "[parameters('spokes')]" },
        "properties": {
            "addressSpace": { "addressPrefixes": ["[format('10.{0}.0.0/16', copyIndex(10))]"] },
            "copy": [{ "name": "subnets", "count": 2, "input": { "name": "[concat('s', copyIndex('subnets'))]", "properties": { "addressPrefix": "[cidrSubnet(concat('10.', copyIndex(10), '.0.0/16'), 24, copyIndex('subnets'))]" } } }],
        },
    })];
    resources.extend(halves);
    let template = json!({
        "parameters": { "vpn": { "type": "bool", "defaultValue": "false" }, "spokes": { "type": "int" } },
        "resources": resources,
    });
    let evaluated = evaluate(&template, &settings(&json!({ "spokes": 2 }))).unwrap();
    assert_eq!((evaluated.resources.len(), evaluated.skipped.len()), (6, 4));
    let spoke = &evaluated.resources[1]["properties"];
    assert_eq!(
        spoke["addressSpace"]["addressPrefixes"][0],
        json!("10.11.0.0/16")
    );
    assert_eq!(
        spoke["subnets"][1]["properties"]["addressPrefix"],
        json!("10.11.1.0/24")
    );
    let missing = evaluate(&template, &settings(&json!({})))
        .unwrap_err()
        .to_string();
    assert!(missing.contains("`--set spokes=VALUE`"), "{missing}");
}

#[test]
fn a_damaged_template_is_an_error_or_has_resources() {
    let whole = nested("inner");
    let wrong = [
        json!(null),
        json!("[concat("),
        json!("[x()]"),
        json!([]),
        json!({ "copy": 3 }),
        json!(-1),
    ];
    let mut places = Vec::new();
    pointers(&whole, String::new(), &mut places);
    for place in places.iter().skip(1) {
        for value in &wrong {
            let mut damaged = whole.clone();
            if let Some(part) = damaged.pointer_mut(place) {
                *part = value.clone();
            }
            let _: Result<Evaluated, TemplateError> = evaluate(&damaged, &settings(&json!({})));
        }
    }
}

fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                pointers(item, format!("{at}/{number}"), found);
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                pointers(value, format!("{at}/{key}"), found);
            }
        }
        _ => {}
    }
    found.push(at);
}

#[test]
fn a_file_of_parameters_has_values() {
    let file = json!({ "parameters": { "a": { "value": 1 }, "secret": { "reference": {} } } });
    assert_eq!(parameters(&file), json!({ "a": 1 }).as_object().cloned());
    assert_eq!(parameters(&json!([])), None);
}
