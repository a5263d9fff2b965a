//! Reports are as the checked-in schema says.

use serde_json::Value;

use super::Scratch;

#[test]
fn reports_are_as_the_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("../../../schema/report.schema.json")).unwrap();
    for case in ["five-node", "hybrid", "all-in-one", "admin-password"] {
        let scratch = Scratch::of(case);
        scratch.put("in/notes/other.bin", b"\0\x01");
        let report = scratch.run(&["plan", "in", "--format", "json"]).json();
        check(&schema, &schema, &report, case);
    }
}

/// The part of JSON Schema that the report's schema uses.
pub fn check(root: &Value, schema: &Value, value: &Value, path: &str) {
    let schema = schema.as_object().unwrap();
    for (word, says) in schema {
        match word.as_str() {
            "$defs" | "$schema" | "description" | "title" | "format" => {}
            "$ref" => check(root, root.pointer(says.as_str().unwrap().trim_start_matches('#')).unwrap(), value, path),
            "type" => {
                let types = says.as_array().map_or_else(|| vec![says], |types| types.iter().collect());
                assert!(types.iter().any(|name| is(name.as_str().unwrap(), value)), "{path}: {value} is no {says}");
            }
            "const" => assert_eq!(value, says, "{path}"),
            "enum" => assert!(says.as_array().unwrap().contains(value), "{path}: {value} is none of {says}"),
            "minimum" => assert!(value.as_f64().is_none_or(|number| number >= says.as_f64().unwrap()), "{path}"),
            "required" => {
                for name in says.as_array().unwrap() {
                    assert!(value.get(name.as_str().unwrap()).is_some(), "{path}: {name} is missing");
                }
            }
            "properties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let says = says.get(name).unwrap_or_else(|| panic!("{path}: {name} is not in the schema"));
                    check(root, says, value, &format!("{path}/{name}"));
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, says, item, &format!("{path}/{index}"));
                }
            }
            "anyOf" | "oneOf" => {
                let fits = says
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|one| std::panic::catch_unwind(|| check(root, one, value, path)).is_ok());
                assert!(fits, "{path}: {value} fits none of {says}");
            }
            other => panic!("the schema uses `{other}`, which this test does not know"),
        }
    }
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => false,
    }
}
