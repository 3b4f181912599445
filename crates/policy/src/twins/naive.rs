//! A slow, obvious evaluator over plain JSON, written from the rules alone: it shares nothing with the real one.

use serde_json::Value;

/// A request as plain as can be.
#[derive(Debug, Clone)]
pub(crate) struct Plain {
    pub(crate) principal: String,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) resource_account: String,
    /// Keys in lower case; one value, or several.
    pub(crate) context: Vec<(String, Result<String, Vec<String>>)>,
}

/// What policies a statement stands in, and how `*` in a resource is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) short: Short,
    pub(crate) needs_principal: bool,
    pub(crate) crosses_colons: bool,
}

/// How ARNs with fewer than six fields are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Short {
    Anything,
    IfWild,
    IfEndsInStar,
    Never,
}

impl Plain {
    fn values(&self, key: &str) -> Option<&Result<String, Vec<String>>> {
        let key = key.to_ascii_lowercase();
        let found = self.context.iter().find(|(own, _)| *own == key)?;
        match &found.1 {
            Err(values) if values.is_empty() => None,
            other => Some(other),
        }
    }

    fn one(&self, key: &str) -> Option<&str> {
        match self.values(key)? {
            Ok(value) => Some(value),
            Err(_) => None,
        }
    }

    /// The account of the caller, its kind, and the name of its role.
    pub(crate) fn caller(&self) -> (&str, &str, &str) {
        let fields: Vec<&str> = self.principal.splitn(6, ':').collect();
        let [_, _, _, _, account, rest] = fields[..] else {
            return match &*self.principal {
                "*" => ("", "anonymous", ""),
                other if other.ends_with(".amazonaws.com") => ("", "service", ""),
                _ => ("", "federated", ""),
            };
        };
        let parts: Vec<&str> = rest.split('/').collect();
        match parts[0] {
            "root" => (account, "root", ""),
            "user" => (account, "user", ""),
            "role" => (account, "role", parts[parts.len() - 1]),
            "assumed-role" => (account, "session", parts[1]),
            "federated-user" => (account, "federated-user", ""),
            _ => ("", "federated", ""),
        }
    }

    /// What the caller implies is put in where it is not told.
    pub(crate) fn with_implied_keys(mut self) -> Self {
        let (account, kind, role) = self.caller();
        let principal = &self.principal;
        let partition = principal.split(':').nth(1).unwrap_or("aws");
        let is_service = kind == "service";
        let mut implied: Vec<(&str, String)> = Vec::new();
        if kind != "federated" {
            implied.push(("aws:principalisawsservice", is_service.to_string()));
        }
        if is_service {
            implied.push(("aws:principalservicename", principal.clone()));
        } else if kind == "anonymous" {
            implied.push(("aws:principaltype", "Anonymous".to_owned()));
        } else if !account.is_empty() {
            let name = match kind {
                "root" => "Account",
                "user" => "User",
                "federated-user" => "FederatedUser",
                _ => "AssumedRole",
            };
            let arn = match kind {
                "session" => format!("arn:{partition}:iam::{account}:role/{role}"),
                _ => principal.clone(),
            };
            implied.push(("aws:principaltype", name.to_owned()));
            implied.push(("aws:principalaccount", account.to_owned()));
            implied.push(("aws:principalarn", arn));
            if kind == "user" {
                let name = principal.rsplit('/').next().unwrap_or_default();
                implied.push(("aws:username", name.to_owned()));
            }
        }
        for (key, value) in implied {
            if self.context.iter().all(|(own, _)| own != key) {
                self.context.push((key.to_owned(), Ok(value)));
            }
        }
        self
    }
}

/// One piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Is(char),
    One,
    Many,
}

/// Takes a pattern apart. None if a variable has no value.
fn tokens(
    text: &str,
    is_wild: bool,
    is_new: bool,
    may_have_variables: bool,
    request: &Plain,
) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if is_new && rest.starts_with("${") {
            let end = rest.find('}').expect("drawn variables end");
            let inside = &rest[2..end];
            if ["*", "?", "$"].contains(&inside) {
                tokens.extend(inside.chars().map(Token::Is));
                rest = &rest[end + 1..];
                continue;
            }
            if may_have_variables {
                let (key, default) = match inside.split_once(", '") {
                    Some((key, default)) => (key, Some(default.trim_end_matches('\''))),
                    None => (inside, None),
                };
                tokens.extend(request.one(key).or(default)?.chars().map(Token::Is));
                rest = &rest[end + 1..];
                continue;
            }
        }
        tokens.push(match first {
            '*' if is_wild => Token::Many,
            '?' if is_wild => Token::One,
            other => Token::Is(other),
        });
        rest = &rest[first.len_utf8()..];
    }
    Some(tokens)
}

fn matches(pattern: &[Token], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((Token::Many, rest)), _) => {
            matches(rest, text) || (!text.is_empty() && matches(pattern, &text[1..]))
        }
        (Some((Token::One, rest)), Some((_, left))) => matches(rest, left),
        (Some((Token::Is(own), rest)), Some((letter, left))) => {
            own == letter && matches(rest, left)
        }
        _ => false,
    }
}

fn fits(pattern: &[Token], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    matches(pattern, &text)
}

fn as_list(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        Value::Array(values) => values.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

fn action_fits(pattern: &str, request: &Plain) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    if pattern.chars().all(|letter| letter == '*') && !pattern.is_empty() {
        return true;
    }
    let action = request.action.to_ascii_lowercase();
    let (Some((service, name)), Some((own_service, own_name))) =
        (action.split_once(':'), pattern.split_once(':'))
    else {
        return false;
    };
    let fits = |pattern: &str, text: &str| {
        fits(&tokens(pattern, true, false, false, request).unwrap(), text)
    };
    fits(own_service, service) && fits(own_name, name)
}

/// None: a variable has no value.
fn resource_fits(pattern: &str, request: &Plain, is_new: bool, place: Place) -> Option<bool> {
    if !pattern.is_empty() && pattern.chars().all(|letter| letter == '*') {
        return Some(true);
    }
    let mut fields: Vec<String> = split_fields(pattern);
    let resource = &request.resource;
    let is_arn = resource.starts_with("arn:") && resource.matches(':').count() >= 5;
    let has_variables = fields.len() == 6;
    let start: String = pattern
        .chars()
        .take_while(|letter| !"*?$".contains(*letter))
        .collect();
    if !is_arn && !resource.starts_with(&start) {
        return Some(false);
    }
    if !is_arn || place.crosses_colons {
        let whole = tokens(pattern, true, is_new, has_variables, request)?;
        if fits(&whole, resource) || !is_arn {
            return Some(fits(&whole, resource));
        }
    }
    if fields.len() < 6 {
        let all: Vec<Token> = tokens(pattern, true, is_new, false, request)?;
        let may_be_short = match place.short {
            Short::Anything => true,
            Short::IfWild => all.iter().any(|token| !matches!(token, Token::Is(_))),
            Short::IfEndsInStar => all.last() == Some(&Token::Many),
            Short::Never => false,
        };
        if !may_be_short {
            return Some(false);
        }
        fields.resize(6, "*".to_owned());
        if place.crosses_colons {
            return Some(fits(
                &tokens(&fields.join(":"), true, is_new, false, request)?,
                resource,
            ));
        }
    }
    if place.crosses_colons {
        return Some(false);
    }
    let last = tokens(&fields[5], true, is_new, true, request);
    let values: Vec<&str> = resource.splitn(6, ':').collect();
    let first_five = (0..5).all(|index| {
        fits(
            &tokens(&fields[index], true, is_new, false, request).unwrap(),
            values[index],
        )
    });
    if !first_five {
        return Some(false);
    }
    Some(fits(&last?, values[5]))
}

/// At most six; a colon inside of `${…}` ends no field.
fn split_fields(pattern: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_inside = false;
    for letter in pattern.chars() {
        is_inside = (is_inside || letter == '$') && letter != '}';
        if letter == ':' && !is_inside && fields.len() < 6 {
            fields.push(String::new());
        } else {
            fields.last_mut().unwrap().push(letter);
        }
    }
    fields
}

/// How an Allow names the caller, best first: `itself`, `role`, `everyone`, `account`.
fn naming(entries: &[(String, String)], request: &Plain) -> Vec<&'static str> {
    let (account, kind, role) = request.caller();
    let principal = &*request.principal;
    let mut found = Vec::new();
    for (member, text) in entries {
        let text = &**text;
        match &**member {
            "*" => found.push("everyone"),
            "AWS" if text == "*" => found.push("everyone"),
            "Service" if kind == "service" && text == "*" => found.push("everyone"),
            "Service" if kind == "service" && text == principal => found.push("itself"),
            "Federated" if kind == "federated" && text == principal => found.push("itself"),
            "AWS" if account.is_empty() => {}
            "AWS" if text == account => found.push("account"),
            "AWS" if text.ends_with(":root") && text.split(':').nth(4) == Some(account) => {
                found.push("account");
            }
            "AWS" if text == principal => {
                found.push(if kind == "role" { "role" } else { "itself" });
            }
            "AWS" if kind == "session" => {
                let fields: Vec<&str> = text.splitn(6, ':').collect();
                let is_its_role = fields.len() == 6
                    && fields[2] == "iam"
                    && fields[4] == account
                    && fields[5].starts_with("role/")
                    && fields[5].rsplit('/').next() == Some(role);
                if is_its_role {
                    found.push("role");
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether the statement is about the caller, and how it names it.
fn principal_fits(statement: &Value, request: &Plain, place: Place) -> Option<&'static str> {
    let (element, is_negated) = match (&statement["Principal"], &statement["NotPrincipal"]) {
        (Value::Null, Value::Null) => {
            return (!place.needs_principal).then_some("");
        }
        (Value::Null, element) => (element, true),
        (element, _) => (element, false),
    };
    let entries: Vec<(String, String)> = match element {
        Value::Object(members) => members
            .iter()
            .flat_map(|(member, value)| {
                as_list(value)
                    .into_iter()
                    .map(|text| (member.clone(), text))
            })
            .collect(),
        _ => vec![("*".to_owned(), "*".to_owned())],
    };
    let found = naming(&entries, request);
    if !is_negated {
        let best = ["itself", "role", "everyone", "account"];
        return best.into_iter().find(|way| found.contains(way));
    }
    let has = |way: &str| found.contains(&way);
    let is_spared = if statement["Effect"] == "Allow" {
        !found.is_empty()
    } else {
        let (_, kind, _) = request.caller();
        has("everyone")
            || match kind {
                "session" => has("account") && has("role") && has("itself"),
                "role" => has("account") && has("role"),
                "root" => has("account"),
                "user" | "federated-user" => has("account") && has("itself"),
                _ => has("itself"),
            }
    };
    (!is_spared).then_some("everyone")
}

/// Whether a statement matches the request, and how it names the caller.
pub(crate) fn statement_fits(
    statement: &Value,
    is_new: bool,
    request: &Plain,
    place: Place,
) -> Option<&'static str> {
    let any_action = |element: &Value| {
        as_list(element)
            .iter()
            .any(|pattern| action_fits(pattern, request))
    };
    let has_action = match &statement["Action"] {
        Value::Null => !any_action(&statement["NotAction"]),
        element => any_action(element),
    };
    let fits = |element: &Value| -> Vec<Option<bool>> {
        as_list(element)
            .iter()
            .map(|pattern| resource_fits(pattern, request, is_new, place))
            .collect()
    };
    let has_resource = match (&statement["Resource"], &statement["NotResource"]) {
        (Value::Null, Value::Null) => true,
        // With a variable without a value it is taken not to match.
        (Value::Null, element) => fits(element).iter().all(|own| *own == Some(false)),
        (element, _) => fits(element).contains(&Some(true)),
    };
    if !has_action || !has_resource {
        return None;
    }
    let way = principal_fits(statement, request, place)?;
    let operators = statement["Condition"].as_object().into_iter().flatten();
    for (operator, keys) in operators {
        for (key, values) in keys.as_object().unwrap() {
            if !super::conditions::is_met(operator, key, &as_list(values), is_new, request) {
                return None;
            }
        }
    }
    Some(way)
}

/// The value of a text with variables, letters only. None if one has no value.
pub(crate) fn fits_text(
    pattern: &str,
    text: &str,
    is_wild: bool,
    is_new: bool,
    request: &Plain,
    fold: fn(char) -> char,
) -> bool {
    let Some(mut own) = tokens(pattern, is_wild, is_new, true, request) else {
        return false;
    };
    for token in &mut own {
        if let Token::Is(letter) = token {
            *letter = fold(*letter);
        }
    }
    let text: String = text.chars().map(fold).collect();
    fits(&own, &text)
}

/// Six fields, one by one.
pub(crate) fn fits_arn(pattern: &str, text: &str, is_new: bool, request: &Plain) -> bool {
    if !pattern.is_empty() && pattern.chars().all(|letter| letter == '*') {
        return true;
    }
    let fields = split_fields(pattern);
    let values: Vec<&str> = text.splitn(6, ':').collect();
    fields.len() == 6
        && values.len() == 6
        && values[0] == "arn"
        && fields
            .iter()
            .zip(values)
            .all(|(field, value)| fits_text(field, value, true, is_new, request, |letter| letter))
}
