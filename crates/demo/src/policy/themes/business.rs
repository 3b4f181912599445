//! What the business asks: analytics and finance.

use super::{Theme, theme};
use crate::policy::{Statement, allow, condition};

/// Statements about analytics.
pub(super) static ANALYTICS: Theme = theme(
    "analytics",
    &[&QUERIES_RUN, &CATALOGUE_READ, &LAKE_ACCESS, &NOTEBOOKS],
);

static QUERIES_RUN: Statement = allow(
    "RunQueries",
    &[
        "athena:GetQueryExecution",
        "athena:GetQueryResults",
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
    ],
    &[
        "arn:aws:athena:{region}:{account}:workgroup/{app}",
        "arn:aws:athena:{region}:{account}:workgroup/primary",
    ],
);

static CATALOGUE_READ: Statement = allow(
    "ReadCatalogue",
    &[
        "glue:GetDatabase*",
        "glue:GetTable*",
        "glue:GetPartition*",
        "glue:BatchGetPartition",
    ],
    &[
        "arn:aws:glue:{region}:{account}:catalog",
        "arn:aws:glue:{region}:{account}:database/lake_*",
        "arn:aws:glue:{region}:{account}:table/lake_*/*",
    ],
);

static LAKE_ACCESS: Statement =
    allow("LakeAccess", &["lakeformation:GetDataAccess"], &["*"]).when(&[condition(
        "StringEquals",
        &[("aws:PrincipalOrgID", &["{organisation}"])],
    )]);

static NOTEBOOKS: Statement = allow(
    "OwnNotebooks",
    &[
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "sagemaker:StartNotebookInstance",
        "sagemaker:Describe*",
    ],
    &["arn:aws:sagemaker:{region}:{account}:notebook-instance/${aws:username}-*"],
);

/// Statements about finance.
pub(super) static FINANCE: Theme = theme(
    "finance",
    &[&COSTS_READ, &BUDGETS_VIEW, &INVOICES_FROM_OFFICE],
);

static COSTS_READ: Statement = allow(
    "SeeCosts",
    &["ce:Get*", "ce:Describe*", "cur:DescribeReportDefinitions"],
    &["*"],
);

static BUDGETS_VIEW: Statement = allow(
    "SeeBudgets",
    &["budgets:ViewBudget"],
    &["arn:aws:budgets::{account}:budget/*"],
);

static INVOICES_FROM_OFFICE: Statement = allow(
    "InvoicesFromOffice",
    &["invoicing:ListInvoiceSummaries", "billing:Get*"],
    &["*"],
)
.when(&[
    condition(
        "IpAddress",
        &[("aws:SourceIp", &["203.0.113.0/24", "198.51.100.0/25"])],
    ),
    condition(
        "DateLessThan",
        &[("aws:CurrentTime", &["2027-01-01T00:00:00Z"])],
    ),
]);
