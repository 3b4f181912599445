//! Findings and other lists as a table that fits a terminal.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, LineStyle, Table};
use leastgrant_audit::{AuditOutcome, Finding};
use leastgrant_inventory::counted;

use crate::color::Paint;
use crate::counts::{SeverityCounts, open};
use crate::text::{short_resource, terminal_safe};
use crate::wrap::{display_width, longest_piece, wrapped};

/// Taken where the output is no terminal.
const DEFAULT_WIDTH: usize = 120;
/// Below it nothing is readable; a narrower terminal wraps the lines itself.
const NARROWEST: usize = 40;
/// What a column keeps as long as the column of names beside it is wider.
const NARROW: usize = 11;
/// More reasons than this are read in the reports.
const LINES_OF_REASONS: usize = 10;
/// What comfy-table puts around and between columns, for each of them.
pub(crate) const PADDING: usize = 3;

/// What the table is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terminal {
    /// Its width in columns; none where it is no terminal.
    pub width: Option<usize>,
    /// Whether it shows colours.
    pub color: bool,
}

/// The findings, the worst first. Empty if there are none.
#[must_use]
pub fn render(outcome: &AuditOutcome, terminal: Terminal) -> String {
    if outcome.findings.is_empty() {
        return String::new();
    }
    let width = columns_of(terminal.width);
    let layout = Layout::new(width, outcome.accounts.len() > 1);
    let columns = layout.columns();
    let rows: Vec<Vec<String>> = outcome
        .findings
        .iter()
        .map(|finding| {
            columns
                .iter()
                .map(|column| layout.cell(*column, finding))
                .collect()
        })
        .collect();
    let limits = column_widths(&columns, &rows, width);

    let mut table = empty_table(layout.separated);
    table.set_header(columns.iter().map(|column| column.header()));
    for row in rows {
        let cells = row.iter().zip(&limits);
        table.add_row(cells.map(|(cell, limit)| wrapped(cell, *limit).join("\n")));
    }
    let text = finished(&table);
    if terminal.color {
        colored(&text, &outcome.findings)
    } else {
        text
    }
}

/// What the findings come to, and what could not be judged: one line each.
#[must_use]
pub fn summary(outcome: &AuditOutcome) -> String {
    let counts = SeverityCounts::of(open(&outcome.findings));
    let exempted = outcome.findings.len() - counts.total();
    let accounts = counted(outcome.accounts.len(), "account");
    let mut lines = match (counts.total(), outcome.not_checked.len()) {
        (0, 0) => format!("no findings in {accounts}"),
        (0, unjudged) => format!(
            "no findings in {accounts}, but {} could not be made",
            counted(unjudged, "check")
        ),
        (total, _) => format!(
            "{}: {} in {accounts}",
            counted(total, "finding"),
            counts.words()
        ),
    };
    if exempted > 0 {
        let _ = write!(lines, "; {exempted} exempted");
    }
    lines.push('\n');
    // Many rules lack the same data: one line for each reason.
    let mut by_reason: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for entry in &outcome.not_checked {
        by_reason
            .entry((&entry.account_id, &entry.reason))
            .or_default()
            .push(entry.rule);
    }
    for ((account_id, reason), rules) in by_reason.iter().take(LINES_OF_REASONS) {
        let rules = match rules.as_slice() {
            [rule] => (*rule).to_owned(),
            rules => counted(rules.len(), "rule"),
        };
        let place = if account_id.is_empty() {
            String::new()
        } else {
            format!(" in {}", terminal_safe(account_id))
        };
        let _ = writeln!(
            lines,
            "not checked: {rules}{place}: {}",
            terminal_safe(reason)
        );
    }
    if by_reason.len() > LINES_OF_REASONS {
        let _ = writeln!(
            lines,
            "and {} more reasons; `report.md` and `--format json` name them",
            by_reason.len() - LINES_OF_REASONS
        );
    }
    lines
}

/// A plain list with a header, such as the rules or the inventory's tables.
#[must_use]
pub fn listing(headers: &[&str], rows: &[Vec<String>], width: Option<usize>) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let cells = row.iter();
            cells.map(|cell| terminal_safe(cell).into_owned()).collect()
        })
        .collect();
    let headers = headers.iter().map(|name| terminal_safe(name).into_owned());
    arranged(headers.collect(), &rows, width)
}

/// A list of our own texts, which may have line breaks, broken at joints of names where the terminal is narrow.
///
/// The widest columns give way first, as far as their words stay whole. The first one, which has the names, only gives way
/// when the others are narrow.
pub(crate) fn fitted(headers: &[&str], rows: &[Vec<String>], width: Option<usize>) -> String {
    let mut limits: Vec<usize> = headers
        .iter()
        .enumerate()
        .map(|(column, header)| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let texts = cells.map(String::as_str).chain([*header]);
            texts.map(display_width).max().unwrap_or_default()
        })
        .collect();
    let words: Vec<usize> = (1..headers.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| longest_piece(cell)).max().unwrap_or(1)
        })
        .collect();
    while limits.iter().map(|limit| limit + PADDING).sum::<usize>() > columns_of(width) {
        let Some((name, others)) = limits.split_first_mut() else {
            break;
        };
        let roomy = others.iter_mut().zip(&words);
        let roomy = roomy.filter(|(limit, word)| **limit > **word);
        if let Some((widest, _)) = roomy.max_by_key(|(limit, _)| **limit) {
            *widest -= 1;
            continue;
        }
        match others.iter_mut().max() {
            Some(widest) if *widest > NARROW.min(*name) => *widest -= 1,
            _ if *name > 1 => *name -= 1,
            _ => break,
        }
    }
    let fit = |(cell, limit): (&str, &usize)| wrapped(cell, *limit).join("\n");
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let cells = row.iter().map(String::as_str).zip(&limits);
            cells.map(fit).collect()
        })
        .collect();
    let headers = headers.iter().copied().zip(&limits);
    arranged(headers.map(fit).collect(), &rows, width)
}

fn arranged(headers: Vec<String>, rows: &[Vec<String>], width: Option<usize>) -> String {
    let mut table = empty_table(false);
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(columns_of(width)).unwrap_or(u16::MAX))
        .set_header(headers);
    for row in rows {
        table.add_row(row);
    }
    finished(&table)
}

pub(crate) fn columns_of(width: Option<usize>) -> usize {
    width.unwrap_or(DEFAULT_WIDTH).max(NARROWEST)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Severity,
    Rule,
    Account,
    Resource,
    AccessKey,
    Owner,
    Detail,
    /// Rule, detail and owner below each other, where there is no room side by side.
    Finding,
}

impl Column {
    fn header(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Rule => "rule",
            Self::Account => "account",
            Self::Resource => "resource",
            Self::AccessKey => "access key",
            Self::Owner => "owner",
            Self::Detail => "detail",
            Self::Finding => "finding",
        }
    }
}

/// Which columns there are at a width, and how wide each may become.
#[derive(Debug, Clone, Copy)]
struct Layout {
    several_accounts: bool,
    account_column: bool,
    access_key_column: bool,
    folded: bool,
    /// Whether a line is drawn between findings, which take several lines each.
    separated: bool,
}

impl Layout {
    fn new(width: usize, several_accounts: bool) -> Self {
        Self {
            several_accounts,
            account_column: several_accounts && width >= 150,
            access_key_column: width >= 180,
            folded: width < 110,
            separated: width < 180,
        }
    }

    /// The last column takes what the others leave.
    fn columns(self) -> Vec<Column> {
        if self.folded {
            return vec![Column::Severity, Column::Resource, Column::Finding];
        }
        let mut columns = vec![Column::Severity, Column::Rule];
        if self.account_column {
            columns.push(Column::Account);
        }
        columns.push(Column::Resource);
        if self.access_key_column {
            columns.push(Column::AccessKey);
        }
        columns.extend([Column::Owner, Column::Detail]);
        columns
    }

    fn cell(self, column: Column, finding: &Finding) -> String {
        let mut lines: Vec<String> = Vec::new();
        match column {
            Column::Severity => lines.push(finding.severity.name().to_owned()),
            Column::Rule => lines.push(finding.rule.to_owned()),
            Column::Account => lines.push(terminal_safe(&finding.account_id).into_owned()),
            Column::Resource => {
                lines.push(terminal_safe(short_resource(&finding.resource_arn)).into_owned());
                if let Some(key) = &finding.access_key_id
                    && !self.access_key_column
                {
                    lines.push(terminal_safe(key).into_owned());
                }
                if self.several_accounts && !self.account_column {
                    lines.push(terminal_safe(&finding.account_id).into_owned());
                }
            }
            Column::AccessKey => {
                let key = finding.access_key_id.as_deref().unwrap_or_default();
                lines.push(terminal_safe(key).into_owned());
            }
            Column::Owner => lines.push(terminal_safe(&finding.owner).into_owned()),
            Column::Detail => lines.extend(detail(finding)),
            Column::Finding => {
                lines.push(finding.rule.to_owned());
                lines.extend(detail(finding));
                lines.push(format!("owner: {}", terminal_safe(&finding.owner)));
            }
        }
        lines.join("\n")
    }
}

fn detail(finding: &Finding) -> Vec<String> {
    let mut lines = vec![terminal_safe(&finding.detail).into_owned()];
    if let Some(exemption) = &finding.exemption {
        lines.push(format!(
            "exempted until {} by {}: {}",
            terminal_safe(&exemption.expires),
            terminal_safe(&exemption.owner),
            terminal_safe(&exemption.reason)
        ));
    }
    lines
}

/// As wide as the content, up to a share of the table; the last column gets the rest.
fn column_widths(columns: &[Column], rows: &[Vec<String>], width: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = Vec::new();
    for (position, column) in columns.iter().enumerate() {
        let longest_line = rows
            .iter()
            .filter_map(|row| row.get(position))
            .flat_map(|cell| cell.split('\n'))
            .map(display_width)
            .chain([display_width(column.header())])
            .max()
            .unwrap_or_default();
        let most = match column {
            Column::Severity | Column::Account | Column::AccessKey => 20,
            Column::Rule if width < 150 => 20,
            Column::Rule => 30,
            Column::Resource => width / 4 + 4,
            Column::Owner => width / 6,
            Column::Detail | Column::Finding => {
                let taken: usize = widths.iter().map(|width| width + PADDING).sum();
                width.saturating_sub(taken + PADDING).max(1)
            }
        };
        widths.push(longest_line.min(most));
    }
    give_room_to_the_last(columns, &mut widths, width);
    widths
}

/// What was found is what people read: it gets two fifths of the table, if need be from resource and owner, which wrap well.
fn give_room_to_the_last(columns: &[Column], widths: &mut [usize], width: usize) {
    const NARROWEST_RESOURCE: usize = 24;
    const NARROWEST_OWNER: usize = 12;
    let Some((last, before)) = widths.split_last_mut() else {
        return;
    };
    let taken = |before: &[usize]| -> usize { before.iter().map(|width| width + PADDING).sum() };
    for (shrinkable, narrowest) in [
        (Column::Resource, NARROWEST_RESOURCE),
        (Column::Owner, NARROWEST_OWNER),
    ] {
        let lacking = (width * 2 / 5).saturating_sub(width.saturating_sub(taken(before) + PADDING));
        let place = columns.iter().position(|column| *column == shrinkable);
        if let Some(wide) = place.and_then(|place| before.get_mut(place)) {
            *wide = wide.saturating_sub(lacking).max(narrowest.min(*wide));
        }
    }
    *last = width.saturating_sub(taken(before) + PADDING).max(1);
}

pub(crate) fn empty_table(separated: bool) -> Table {
    let style = if separated {
        UTF8_HORIZONTAL_ONLY
    } else {
        UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none())
    };
    let mut table = Table::new();
    // Whether there is a terminal, and how wide it is, the caller knows.
    table.load_style(style).force_no_tty();
    table
}

pub(crate) fn finished(table: &Table) -> String {
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

/// The finished table with each finding's severity in its colour and exempted findings dimmed.
///
/// Done here and not by comfy-table, whose colours depend on the environment.
fn colored(table: &str, findings: &[Finding]) -> String {
    let mut remaining = findings.iter().peekable();
    let mut current: Option<&Finding> = None;
    let mut text = String::with_capacity(table.len());
    for line in table.lines() {
        // Only the first line of a finding has anything in the first column.
        let begins = remaining
            .peek()
            .map(|finding| finding.severity)
            .and_then(|severity| {
                let rest = line.strip_prefix(' ')?.strip_prefix(severity.name())?;
                Some((severity, rest))
            });
        if begins.is_some() {
            current = remaining.next();
        }
        let exempted = current.is_some_and(|finding| finding.exemption.is_some());
        let painted = match begins {
            _ if exempted || line.starts_with(['─', '═']) => Paint::Dim.on(line, true),
            _ if current.is_none() => Paint::Bold.on(line, true),
            Some((severity, rest)) => {
                let name = Paint::Severity(severity).on(severity.name(), true);
                format!(" {name}{rest}")
            }
            None => line.to_owned(),
        };
        text.push_str(&painted);
        text.push('\n');
    }
    text
}
