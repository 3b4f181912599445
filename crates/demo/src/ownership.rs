//! Who owns a principal, and the tags that say so.
//!
//! Each shape states its tags and the owner that follows from them, so the truth about owners is
//! no second implementation of how tags are read.

/// The owner of everything that nobody claims.
pub(crate) const UNOWNED: &str = "unowned";

/// Tags about ownership, and the owner that they mean.
#[derive(Debug)]
pub(crate) struct Ownership {
    /// Keys and values.
    pub(crate) tags: &'static [(&'static str, &'static str)],
    /// The owner.
    pub(crate) owner: &'static str,
}

const fn ownership(
    tags: &'static [(&'static str, &'static str)],
    owner: &'static str,
) -> Ownership {
    Ownership { tags, owner }
}

/// The shapes that ordinary principals have in turn.
pub(crate) static ORDINARY: &[Ownership] = &[
    ownership(&[("owner", "payments")], "payments"),
    ownership(&[("owner", "platform"), ("env", "prod")], "platform"),
    ownership(&[("Owner", "data")], "data"),
    ownership(
        &[("cost-center", "4711"), ("owner", "ada@example.com")],
        "ada@example.com",
    ),
    ownership(&[("team", "platform")], "platform"),
    ownership(&[("owner", "web")], "web"),
    ownership(&[("team", "data"), ("owner", "payments")], "payments"),
    ownership(&[("env", "test")], UNOWNED),
    ownership(&[("OWNER", "security"), ("Team", "platform")], "security"),
    ownership(&[("owner", ""), ("team", "web")], "web"),
    ownership(&[("owner", "platform")], "platform"),
    ownership(&[], UNOWNED),
    ownership(&[("Team", "payments"), ("env", "prod")], "payments"),
    ownership(&[("owner", ""), ("team", "")], UNOWNED),
    ownership(&[("owner", "data"), ("service", "warehouse")], "data"),
];

/// Tags that attack whatever prints them. IAM itself allows fewer characters; a bundle is a file,
/// and files hold anything.
pub(crate) static HTML: Ownership = ownership(
    &[
        ("owner", "<script>alert('owner')</script>"),
        ("note", "<img src=x onerror=\"alert(1)\">&amp;</td></table>"),
    ],
    "<script>alert('owner')</script>",
);
/// See [`HTML`].
pub(crate) static MARKDOWN: Ownership = ownership(
    &[
        ("owner", "pay|ments](https://example.com) **bold** `code`"),
        ("note", "| a | b |\n|---|---|\n# heading\n```\nfence"),
    ],
    "pay|ments](https://example.com) **bold** `code`",
);
/// See [`HTML`].
pub(crate) static TERMINAL: Ownership = ownership(
    &[
        ("owner", "red\u{1b}[31mteam\u{1b}[0m"),
        (
            "note",
            "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}1m\u{202e}gnp.exe\r\nsecond line",
        ),
    ],
    "red\u{1b}[31mteam\u{1b}[0m",
);
/// See [`HTML`].
pub(crate) static PATH: Ownership = ownership(
    &[
        ("owner", "../../etc/passwd"),
        ("note", "..\\..\\windows\\system32"),
    ],
    "../../etc/passwd",
);
/// See [`HTML`].
pub(crate) static FORMULA: Ownership = ownership(
    &[
        ("owner", "=HYPERLINK(\"https://example.com\",\"pay\")"),
        ("note", "+1+cmd|' /C calc'!A0"),
        ("other", "@SUM(A1:A9)"),
        ("more", "\t-2+3"),
    ],
    "=HYPERLINK(\"https://example.com\",\"pay\")",
);
/// Owners whose file names differ only in case.
pub(crate) static SHOUTING: Ownership = ownership(&[("owner", "PAYMENTS")], "PAYMENTS");
