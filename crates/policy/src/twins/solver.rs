//! Z3 as a third opinion: `new ∧ ¬old` in strings and regular expressions of SMT-LIB.

use easy_smt::{Context, ContextBuilder, Response, SExpr};
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;

use super::bytes;
use super::draw::{Bytes, Condition, Scope, Statement, document, statements, variant};
use crate::Policy;
use crate::compare::{DEFAULT_WORK, Kind, Verdict, compare};

const SCOPE: Scope = Scope {
    principals: false,
    conditions: true,
    variables: false,
    one_family: true,
    wide_arns: false,
};
const TEXTS: [&str; 2] = ["k", "l"];
const NUMBER: &str = "n";

fn quoted(text: &str) -> String {
    let letters = text
        .chars()
        .map(|letter| format!("\\u{{{:x}}}", u32::from(letter)));
    format!("\"{}\"", letters.collect::<String>())
}

fn together(operator: &str, parts: &[String], nothing: &str) -> String {
    match parts {
        [] => nothing.to_owned(),
        [one] => one.clone(),
        _ => format!("({operator} {})", parts.join(" ")),
    }
}

fn any(parts: &[String]) -> String {
    together("or", parts, "false")
}

fn all(parts: &[String]) -> String {
    together("and", parts, "true")
}

/// A pattern as a regular expression over whole texts; `one` is what a wildcard reads.
fn pattern(text: &str, one: &str) -> String {
    let mut parts = Vec::new();
    let text = text.replace("${*}", "\u{1}");
    for letter in text.chars() {
        parts.push(match letter {
            '*' => format!("(re.* {one})"),
            '?' => one.to_owned(),
            '\u{1}' => "(str.to_re \"*\")".to_owned(),
            own => format!("(str.to_re {})", quoted(&own.to_string())),
        });
    }
    together("re.++", &parts, "(str.to_re \"\")")
}

const ANY: &str = "re.allchar";
const NO_COLON: &str = "(re.diff re.allchar (str.to_re \":\"))";

/// Patterns part by part, with colons between them; the last part may have colons.
fn parted(parts: &[&str]) -> String {
    let mut expressions = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            expressions.push("(str.to_re \":\")".to_owned());
        }
        let is_last = index + 1 == parts.len();
        expressions.push(pattern(part, if is_last { ANY } else { NO_COLON }));
    }
    together("re.++", &expressions, "re.none")
}

fn action(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    match text.split_once(':') {
        Some((service, name)) => format!("(str.in_re action {})", parted(&[service, name])),
        None => (text == "*").to_string(),
    }
}

fn resource(text: &str) -> String {
    if text == "*" {
        return "true".to_owned();
    }
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    format!("(str.in_re resource {})", parted(&fields))
}

/// None if it is of a kind that is left out here.
fn condition(own: &Condition) -> Option<String> {
    if !TEXTS.contains(&own.key) && own.key != NUMBER {
        return None;
    }
    let there = format!("{}_there", own.key);
    if own.operator == "Null" {
        let each: Vec<String> = own
            .values
            .iter()
            .map(|value| match value.eq_ignore_ascii_case("true") {
                true => format!("(not {there})"),
                false => there.clone(),
            })
            .collect();
        return Some(any(&each));
    }
    let (name, if_exists) = match own.operator.strip_suffix("IfExists") {
        Some(name) => (name, true),
        None => (&*own.operator, false),
    };
    let is_negated = name.contains("Not");
    let name = name.replace("Not", "");
    let each: Option<Vec<String>> = own
        .values
        .iter()
        .map(|value| match &*name {
            "StringEquals" => {
                let plain = value.replace("${*}", "*");
                Some(format!("(= {} {})", own.key, quoted(&plain)))
            }
            "StringLike" => Some(format!("(str.in_re {} {})", own.key, pattern(value, ANY))),
            _ => {
                let relation = match name.strip_prefix("Numeric")? {
                    "Equals" => "=",
                    "LessThan" => "<",
                    "LessThanEquals" => "<=",
                    "GreaterThan" => ">",
                    _ => ">=",
                };
                if value == "x" {
                    return Some("false".to_owned());
                }
                let number = match value.strip_prefix('-') {
                    Some(digits) => format!("(- {digits})"),
                    None => value.clone(),
                };
                Some(format!("(and n_is_number ({relation} n {number}))"))
            }
        })
        .collect();
    let matched = any(&each?);
    let matched = if is_negated {
        format!("(not {matched})")
    } else {
        matched
    };
    Some(if if_exists || is_negated {
        format!("(or (not {there}) {matched})")
    } else {
        format!("(and {there} {matched})")
    })
}

fn statement(own: &Statement) -> Option<String> {
    let not = |is_negated: bool, inner: String| match is_negated {
        true => format!("(not {inner})"),
        false => inner,
    };
    let actions: Vec<String> = own.actions.iter().map(|text| action(text)).collect();
    let mut parts = vec![not(own.not_action, any(&actions))];
    if let Some(resources) = &own.resources {
        let resources: Vec<String> = resources.iter().map(|text| resource(text)).collect();
        parts.push(not(own.not_resource, any(&resources)));
    }
    for own in &own.conditions {
        parts.push(condition(own)?);
    }
    Some(all(&parts))
}

fn side(statements: &[Statement]) -> Option<String> {
    let of = |is_allow: bool| -> Option<String> {
        let own = statements.iter().filter(|own| own.is_allow == is_allow);
        Some(any(&own.map(statement).collect::<Option<Vec<String>>>()?))
    };
    Some(format!("(and {} (not {}))", of(true)?, of(false)?))
}

fn started() -> Option<Context> {
    let mut solver = ContextBuilder::new().with_z3_defaults().build().ok()?;
    let milliseconds = solver.numeral(200);
    solver.set_option(":timeout", milliseconds).unwrap();
    let (text, truth, real) = (
        solver.atom("String"),
        solver.bool_sort(),
        solver.real_sort(),
    );
    for name in TEXTS.into_iter().chain(["action", "resource"]) {
        solver.declare_const(name, text).unwrap();
        solver
            .declare_const(format!("{name}_there"), truth)
            .unwrap();
    }
    solver.declare_const(NUMBER, real).unwrap();
    solver.declare_const("n_there", truth).unwrap();
    solver.declare_const("n_is_number", truth).unwrap();
    let asked = [
        format!("(str.in_re action {})", parted(&["?*", "?*"])),
        "(not (= action \"sts:getcalleridentity\"))".to_owned(),
        format!(
            "(or (= resource \"*\") (str.in_re resource {}))",
            parted(&["arn", "*", "*", "*", "*", "*"])
        ),
    ];
    for own in asked {
        let own: SExpr = solver.atom(own);
        solver.assert(own).unwrap();
    }
    Some(solver)
}

#[test]
fn z3_is_of_the_same_opinion() {
    let Some(mut solver) = started() else {
        leastgrant_testing::skipped(
            leastgrant_testing::Need::Z3,
            "z3 is not installed, so nobody else judges the comparison",
        );
        return;
    };
    let cases = std::env::var("LEASTGRANT_Z3_CASES").map_or(24, |text| text.parse().unwrap());
    let mut runner = TestRunner::deterministic();
    let (mut subsets, mut others) = (0, 0);
    for _ in 0..cases {
        let drawn = bytes(200).new_tree(&mut runner).unwrap().current();
        let mut drawn = Bytes::new(&drawn);
        let scope = Scope {
            conditions: drawn.chance(8),
            ..SCOPE
        };
        let mut old = statements(&mut drawn, scope);
        let mut new = if drawn.chance(11) {
            variant(&mut drawn, &old, scope)
        } else {
            statements(&mut drawn, scope)
        };
        for own in old.iter_mut().chain(&mut new) {
            own.conditions.retain(|own| condition(own).is_some());
            // A document holds a key once under an operator.
            let mut known: Vec<(String, &str)> = Vec::new();
            own.conditions.retain(|own| {
                let name = (own.operator.clone(), own.key);
                let is_new = !known.contains(&name);
                known.push(name);
                is_new
            });
        }
        let (old_side, new_side) = (side(&old).unwrap(), side(&new).unwrap());
        let (old, new) = (document(&old, true), document(&new, true));
        let parse = |text: &str| Policy::parse(text).unwrap();
        let verdict = compare(
            &[&parse(&old)],
            &[&parse(&new)],
            Kind::Identity,
            DEFAULT_WORK,
        );
        solver.push().unwrap();
        let question = solver.atom(format!("(and {new_side} (not {old_side}))"));
        solver.assert(question).unwrap();
        // Some questions are too much for it, and it says so in words that nobody reads, or ends.
        let Ok(answer) = solver.check() else {
            solver = started().unwrap();
            continue;
        };
        solver.pop().unwrap();
        match (verdict, answer) {
            (Verdict::Subset, Response::Unsat) => subsets += 1,
            (Verdict::NotSubset(_), Response::Sat) => others += 1,
            (Verdict::Unknown(_), _) | (_, Response::Unknown) => {}
            (verdict, answer) => panic!("{answer:?}, but {verdict:?}\nold {old}\nnew {new}"),
        }
    }
    let told = format!("Z3 agrees on {subsets} and {others} of {cases}");
    assert!(subsets * 10 > cases && others * 10 > cases, "{told}");
}
