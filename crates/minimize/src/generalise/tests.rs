//! What becomes of names.

use proptest::prelude::*;

use super::*;

fn of(action: &str, originals: &[&str], observed: &[&str]) -> Option<Vec<String>> {
    let patterns: Vec<ResourcePattern> = originals
        .iter()
        .map(|text| ResourcePattern::parse(text, Version::V2012))
        .collect();
    let patterns: Vec<&ResourcePattern> = patterns.iter().collect();
    // Often enough that no new name is awaited.
    let events = observed.iter().map(|text| (*text, 100)).collect();
    seen_on(action, &patterns, &events, false)
}

fn seen_on(
    lower_action: &str,
    originals: &[&ResourcePattern],
    events: &BTreeMap<&str, i64>,
    keeps_unseen: bool,
) -> Option<Vec<String>> {
    let seen = Seen {
        lower_action,
        events,
        keeps_unseen,
    };
    generalise(originals, seen, Version::V2012)
}

fn texts(texts: &[&str]) -> Option<Vec<String>> {
    Some(texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn few_names_stay_as_they_are() {
    let original = "arn:aws:sqs:eu-west-1:111122223333:*";
    let seen = [
        "arn:aws:sqs:eu-west-1:111122223333:in",
        "arn:aws:sqs:eu-west-1:111122223333:out",
    ];
    assert_eq!(of("sqs:sendmessage", &[original], &seen), texts(&seen));
    assert_eq!(of("sqs:sendmessage", &["*"], &seen), texts(&seen));
}

#[test]
fn names_of_machines_become_a_beginning() {
    for (seen, expected) in [
        (
            "arn:aws:ec2:eu-west-1:1:instance/i-0abc123def4567890",
            "arn:aws:ec2:eu-west-1:1:instance/i-*",
        ),
        (
            "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/app:log-stream:2026/10/31/[$x]",
            "*",
        ),
        (
            "arn:aws:s3:::data/year/2026-10-31/part.gz",
            "arn:aws:s3:::data/year/*/part.gz",
        ),
        (
            "arn:aws:cloudformation:eu-west-1:1:stack/app/8d9f0a12-1111-2222-3333-444455556666",
            "arn:aws:cloudformation:eu-west-1:1:stack/app/*",
        ),
        (
            "arn:aws:lambda:eu-west-1:1:function:stack-Fn-1ABCDEF2GHIJ3",
            "arn:aws:lambda:eu-west-1:1:function:stack-Fn-*",
        ),
    ] {
        let found = of("x:y", &["*"], &[seen]);
        let expected = (expected != "*").then(|| vec![expected.to_owned()]);
        assert_eq!(found, expected, "{seen}");
    }
}

#[test]
fn the_first_name_is_never_widened() {
    let seen = "arn:aws:s3:::1234567890abcdef/key";
    assert_eq!(of("s3:getobject", &["*"], &[seen]), texts(&[seen]));
    // An account's id in a name is no machine's doing.
    let seen = "arn:aws:s3:::lake-111122223333/key";
    assert_eq!(of("s3:getobject", &["*"], &[seen]), texts(&[seen]));
}

#[test]
fn keys_secrets_and_roles_are_exact_or_stay() {
    let key = "arn:aws:kms:eu-west-1:1:key/8d9f0a12-1111-2222-3333-444455556666";
    assert_eq!(of("kms:decrypt", &["*"], &[key]), texts(&[key]));
    let many: Vec<String> = (0..21)
        .map(|number| format!("arn:aws:iam::1:role/r{number}"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(of("iam:passrole", &["*"], &many), None);
}

#[test]
fn what_nothing_was_seen_on_goes_and_what_cannot_be_told_stays() {
    let (a, b) = ("arn:aws:s3:::a/*", "arn:aws:s3:::b/*");
    let seen = "arn:aws:s3:::a/x";
    assert_eq!(of("s3:getobject", &[a, b], &[seen]), texts(&[seen]));
    // A literal `*` in a key.
    assert_eq!(
        of("s3:getobject", &[a, b], &["arn:aws:s3:::a/*"]),
        texts(&[a])
    );
    let six: Vec<String> = ["u", "v", "w", "x", "y", "z"]
        .map(|name| format!("arn:aws:s3:::a/{name}"))
        .into();
    let six: Vec<&str> = six.iter().map(String::as_str).collect();
    assert_eq!(of("s3:getobject", &[a], &six), None);
    assert_eq!(of("s3:listallmybuckets", &["*"], &["*"]), None);
}

fn parsed(texts: &[&str]) -> Vec<ResourcePattern> {
    let texts = texts.iter();
    texts
        .map(|text| ResourcePattern::parse(text, Version::V2012))
        .collect()
}

#[test]
fn names_of_times_and_numbers_are_never_written_out() {
    for (key, expected) in [
        ("close/2026-06.csv", "close/*"),
        (
            "close/year=2026/month=06/data.csv",
            "close/year=*/month=*/data.csv",
        ),
        ("close/2026/06/data.csv", "close/*/*/data.csv"),
        ("close/jun-2026.csv", "close/*"),
        ("close/v6.csv", "close/*"),
        ("reports/2026-Q1.csv", "reports/*"),
        ("reports/w05", "reports/*"),
        ("logs/eu-central-1/app.log", "logs/eu-central-1/app.log"),
    ] {
        let seen = format!("arn:aws:s3:::fin/{key}");
        let expected = format!("arn:aws:s3:::fin/{expected}");
        assert_eq!(
            of("s3:getobject", &["arn:aws:s3:::fin/*"], &[&seen]),
            (expected != "arn:aws:s3:::fin/*").then(|| vec![expected]),
            "{key}"
        );
    }
    // A bucket, table or queue that is named for a time: the next one cannot be foreseen, and none like it is right.
    for seen in [
        "arn:aws:s3:::fin-2026/x",
        "arn:aws:dynamodb:eu-west-1:1:table/events_2026_06",
        "arn:aws:sqs:eu-west-1:1:close-q3",
    ] {
        assert_eq!(of("x:y", &["*"], &[seen]), None, "{seen}");
    }
}

#[test]
fn where_new_names_still_come_the_last_stable_slash_is_kept() {
    let original = parsed(&["arn:aws:s3:::fin/*"]);
    let originals: Vec<&ResourcePattern> = original.iter().collect();
    let of = |seen: &[(&str, i64)]| {
        let events = seen.iter().copied().collect();
        seen_on("s3:getobject", &originals, &events, false)
    };
    let (a, b) = (
        "arn:aws:s3:::fin/close/spring/a.csv",
        "arn:aws:s3:::fin/close/summer/b.csv",
    );
    assert_eq!(of(&[(a, 1), (b, 1)]), texts(&["arn:aws:s3:::fin/close/*"]));
    assert_eq!(of(&[(a, 1)]), texts(&["arn:aws:s3:::fin/close/spring/*"]));
    assert_eq!(of(&[(a, 50), (b, 50)]), texts(&[a, b]));
    assert_eq!(of(&[("arn:aws:s3:::fin/a.csv", 1)]), None);
    // Nothing of a queue's or key's name is left open, so that what was written stays.
    let originals = parsed(&["*"]);
    for (action, seen) in [
        ("sqs:purgequeue", "arn:aws:sqs:eu-west-1:1:in"),
        (
            "kms:decrypt",
            "arn:aws:kms:eu-west-1:1:key/8d9f0a12-1111-2222-3333-444455556666",
        ),
        ("iam:passrole", "arn:aws:iam::1:role/app/web"),
    ] {
        let events = BTreeMap::from([(seen, 1)]);
        assert_eq!(
            seen_on(action, &[&originals[0]], &events, false),
            None,
            "{action}"
        );
    }
    let events = BTreeMap::from([("arn:aws:ec2:eu-west-1:1:instance/i-0abc123def4567890", 1)]);
    assert_eq!(
        seen_on("ec2:stopinstances", &[&originals[0]], &events, false),
        texts(&["arn:aws:ec2:eu-west-1:1:instance/i-*"])
    );
}

#[test]
fn an_entry_that_nothing_was_seen_on_stays_where_the_risk_is_not_put_up_with() {
    let own = [
        "arn:aws:dynamodb:*:1:table/*",
        "arn:aws:dynamodb:eu-west-1:1:table/orders",
        "arn:aws:sqs:eu-west-1:1:year-end",
    ];
    let originals = parsed(&own);
    let originals: Vec<&ResourcePattern> = originals.iter().collect();
    let events = BTreeMap::from([("arn:aws:dynamodb:eu-west-1:1:table/orders", 100)]);
    assert_eq!(
        seen_on("x:y", &originals, &events, true),
        texts(&[own[1], own[2]])
    );
    assert_eq!(seen_on("x:y", &originals, &events, false), texts(&[own[1]]));
}

proptest! {
    #[test]
    fn the_result_stays_within_the_originals_matches_what_was_seen_and_is_its_own_result(
        original in "arn:aws:(s3|logs|ec2):[*]?:[*]?:[ab/*]{0,3}[*]",
        other in "arn:aws:(s3|logs|ec2):[*]?:[*]?:[ab12/*-]{0,4}[*]?",
        names in prop::collection::btree_map(
            "[ab/]{1,3}(-[0-9]{6}|/[0-9a-f]{8}|/2026-0[1-9]|/[ab]/20[0-9]{2}/(jun|q3)|[ab][12]/[ab]|)", 1_i64..30, 1..5),
        keeps_unseen in any::<bool>(),
    ) {
        let originals = parsed(&[&original, &other]);
        let originals: Vec<&ResourcePattern> = originals.iter().collect();
        let seen: BTreeMap<String, i64> = names.into_iter().map(|(name, events)| {
            let head: Vec<&str> = original.splitn(6, ':').take(5).collect();
            (format!("{}:{name}", head.join(":").replace('*', "x")), events)
        }).collect();
        let seen: BTreeMap<&str, i64> = seen.iter().map(|(text, events)| (text.as_str(), *events))
            .filter(|(text, _)| originals.iter().any(|own| matches(own, &Resource::parse(text)))).collect();
        prop_assume!(!seen.is_empty());
        if let Some(new) = seen_on("x:y", &originals, &seen, keeps_unseen) {
            let new = parsed(&new.iter().map(String::as_str).collect::<Vec<_>>());
            for own in &new {
                prop_assert!(originals.iter().any(|original| is_within(own, original)));
            }
            for text in seen.keys() {
                let resource = Resource::parse(text);
                prop_assert!(new.iter().any(|own| matches(own, &resource)));
            }
            if keeps_unseen {
                for original in &originals {
                    let is_met = seen.keys().any(|text| matches(original, &Resource::parse(text)));
                    prop_assert!(is_met || new.iter().any(|own| own == *original));
                }
            }
            let again: Vec<&ResourcePattern> = new.iter().collect();
            prop_assert_eq!(seen_on("x:y", &again, &seen, keeps_unseen), None);
        }
    }
}
