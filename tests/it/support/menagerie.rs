//! Small invented files of every system but ICD-10-CM, and a bundle of them.

use std::fmt::Write;

use indexer::bundle::Bundle;
use indexer::{BuildPlan, Progress, Report};
use tempfile::TempDir;

/// A folder of files, and the bundle built from them.
#[derive(Debug)]
pub(crate) struct Menagerie {
    dir: TempDir,
}

pub(crate) struct Silent;

impl Progress for Silent {
    fn stage(&self, _: &str) {}
    fn file(&self, _: usize, _: usize, _: &str) {}
}

impl Menagerie {
    /// An empty folder.
    pub(crate) fn new() -> Menagerie {
        Menagerie {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// A folder with two years of everything.
    pub(crate) fn full() -> Menagerie {
        Menagerie::new()
            .with("pcs-2098/icd10pcs_order_2098.txt", pcs_order(false))
            .with("pcs-2098/icd10pcs_tables_2098.xml", pcs_tables(2098, false))
            .with("pcs-2099/icd10pcs_order_2099.txt", pcs_order(true))
            .with("pcs-2099/icd10pcs_tables_2099.xml", pcs_tables(2099, true))
            .with("pcs-2099/icd10pcs_index_2099.xml", PCS_INDEX)
            .with("HCPC2098_JAN_ANWEB.txt", hcpcs(false))
            .with("HCPC2098_APR_ANWEB.txt", hcpcs(true))
            .with("mms-2097.txt", mms("2097 Jan 20", false))
            .with("mms-2098.txt", mms("2098 Jan 20", true))
            .with("who-2098.txt", WHO)
            .with("maps-2098-01/10To11MapToOneCategory.txt", WHO_MAP)
    }

    /// The folder with one more file.
    pub(crate) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Menagerie {
        let path = self.dir.path().join("data").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// Where [`Menagerie::build`] puts the bundle.
    pub(crate) fn bundle_path(&self) -> std::path::PathBuf {
        self.dir.path().join("bundle")
    }

    /// Builds the bundle.
    pub(crate) fn build(&self) -> (Bundle, Report) {
        let plan = BuildPlan {
            paths: vec![self.dir.path().join("data")],
            embedded: false,
            out: self.dir.path().join("bundle"),
            replace: true,
            keep_going: false,
        };
        let (_, report) = indexer::build(&plan, &Silent).unwrap();
        (Bundle::open(&plan.out).unwrap(), report)
    }
}

fn pcs_order(newer: bool) -> String {
    let mut rows = vec![
        ("0D9", false, "Gastrointestinal System, Drainage"),
        ("0D9J0ZZ", true, "Drainage of Appendix, Open Approach"),
        (
            "0D9J4ZZ",
            true,
            "Drainage of Appendix, Percutaneous Endoscopic Approach",
        ),
        ("0DT", false, "Gastrointestinal System, Resection"),
        ("0DTJ0ZZ", true, "Resection of Appendix, Open Approach"),
        (
            "0DTJ4ZZ",
            true,
            "Resection of Appendix, Percutaneous Endoscopic Approach",
        ),
    ];
    if newer {
        rows.push(("0DTK0ZZ", true, "Resection of Feather, Open Approach"));
    }
    let mut text = String::new();
    for (number, (code, billable, title)) in (1..).zip(rows) {
        let flag = u8::from(billable);
        writeln!(text, "{number:05} {code:<7} {flag} {title:<60.60} {title}").unwrap();
    }
    text
}

fn pcs_tables(year: u16, newer: bool) -> String {
    let axis = |position: u8, title: &str, values: &[(&str, &str)]| {
        let labels: String = values
            .iter()
            .map(|(code, label)| format!("<label code=\"{code}\">{label}</label>"))
            .collect();
        format!(
            "<axis pos=\"{position}\" values=\"{}\"><title>{title}</title>{labels}</axis>",
            values.len()
        )
    };
    let row = |parts: &[(&str, &str)], approaches: &[(&str, &str)]| {
        format!(
            "<pcsRow codes=\"{}\">{}{}{}{}</pcsRow>",
            parts.len() * approaches.len(),
            axis(4, "Body Part", parts),
            axis(5, "Approach", approaches),
            axis(6, "Device", &[("Z", "No Device")]),
            axis(7, "Qualifier", &[("Z", "No Qualifier")])
        )
    };
    let both = [("0", "Open"), ("4", "Percutaneous Endoscopic")];
    let table = |operation: (&str, &str), rows: &str| {
        format!(
            "<pcsTable>{}{}{}{rows}</pcsTable>",
            axis(1, "Section", &[("0", "Medical and Surgical")]),
            axis(2, "Body System", &[("D", "Gastrointestinal System")]),
            axis(3, "Operation", &[operation])
        )
    };
    let mut resection = row(&[("J", "Appendix")], &both);
    if newer {
        resection.push_str(&row(&[("K", "Feather")], &[("0", "Open")]));
    }
    format!(
        "<ICD10PCS.tabular>\n<version>{year}</version>\n<title>t</title>\n{}\n{}\n</ICD10PCS.tabular>\n",
        table(("9", "Drainage"), &row(&[("J", "Appendix")], &both)),
        table(("T", "Resection"), &resection)
    )
}

const PCS_INDEX: &str = "<ICD10PCS.index>\n<version>2099</version>\n<title>t</title>\n<letter><title>P</title>\n\
    <mainTerm><title>Plumectomy</title><see>Resection, Appendix<codes>0DTJ</codes></see></mainTerm>\n\
    <mainTerm><title>Quillotomy</title><code>0D9J0ZZ</code></mainTerm>\n\
    <mainTerm><title>Vermiform appendix</title><use>Appendix</use></mainTerm>\n\
    </letter>\n</ICD10PCS.index>\n";

/// A quarter of HCPCS: a drug, a chair, one that ends, and a modifier.
pub(super) fn hcpcs(newer: bool) -> String {
    let record = |code: &str, kind: char, long: &str, short: &str, added: &str, last: &str| {
        let mut line = vec![b' '; 320];
        let mut put = |column: usize, text: &str| {
            line[column - 1..column - 1 + text.len()].copy_from_slice(text.as_bytes());
        };
        put(6 - code.len(), code);
        put(6, "00100");
        put(11, &kind.to_string());
        put(12, long);
        put(92, short);
        put(230, "D");
        put(269, added);
        put(277, added);
        put(285, last);
        put(293, "N");
        String::from_utf8(line).unwrap()
    };
    let mut lines = vec![
        record("LT", '7', "Left wing", "Left wing", "20500101", ""),
        record(
            "J9998",
            '3',
            "Injection, inventol (quillex), per 10 mg",
            "Inventol injection",
            "20500101",
            "",
        ),
        record(
            "E9990",
            '3',
            "Wheelchair for a bird, any type",
            "Bird wheelchair",
            "20500101",
            "",
        ),
        record(
            "A9990",
            '3',
            "Feather splint, each",
            "Feather splint",
            "20500101",
            if newer { "20980331" } else { "" },
        ),
    ];
    if newer {
        lines.push(record(
            "J9999",
            '3',
            "Injection, inventol, long-acting, 1 mg",
            "Inventol long-acting",
            "20980401",
            "",
        ));
    }
    lines.join("\r\n") + "\r\n"
}

/// A tabulation: a chapter, a block, a stem with residuals, an extension code.
fn mms(version: &str, newer: bool) -> String {
    let mut text = format!(
        "\u{feff}Foundation URI\tLinearization URI\tCode\tBlockId\tTitle\tClassKind\tDepthInKind\tIsResidual\tChapterNo\t\
         BrowserLink\tisLeaf\tPrimary tabulation\tGrouping1\tGrouping2\tGrouping3\tGrouping4\tGrouping5\t\
         Version:{version} - 22:30 UTC\r\n"
    );
    let mut row = |uri: &str,
                   code: &str,
                   block: &str,
                   title: &str,
                   kind: &str,
                   depth: u8,
                   residual: bool,
                   chapter: &str,
                   leaf: bool| {
        let foundation = if residual {
            String::new()
        } else {
            format!("http://id.who.int/icd/entity/{uri}")
        };
        let flag = |flag: bool| if flag { "True" } else { "False" };
        writeln!(
            text,
            "{foundation}\thttp://id.who.int/icd/release/11/mms/{uri}\t{code}\t{block}\t\"{title}\"\t{kind}\t{depth}\t{}\t{chapter}\t\t{}\t\t\t\t\t\t\t\r",
            flag(residual),
            flag(leaf)
        )
        .unwrap();
    };
    row(
        "1",
        "",
        "",
        "Diseases of the plumage",
        "chapter",
        1,
        false,
        "01",
        false,
    );
    row(
        "2",
        "",
        "BlockL1-1A0",
        "- Rots",
        "block",
        1,
        false,
        "01",
        false,
    );
    row(
        "3",
        "1A00",
        "",
        "- - Feather rot",
        "category",
        1,
        false,
        "01",
        false,
    );
    row(
        "4",
        "1A00.0",
        "",
        "- - - Feather rot of wing",
        "category",
        2,
        false,
        "01",
        true,
    );
    row(
        "3/other",
        "1A00.Y",
        "",
        "- - - Other specified feather rot",
        "category",
        2,
        true,
        "01",
        true,
    );
    row(
        "3/unspecified",
        "1A00.Z",
        "",
        "- - - Feather rot, unspecified",
        "category",
        2,
        true,
        "01",
        true,
    );
    if newer {
        row(
            "5",
            "1A01",
            "",
            "- - Moult",
            "category",
            1,
            false,
            "01",
            true,
        );
    }
    row(
        "6",
        "",
        "",
        "Extension Codes",
        "chapter",
        1,
        false,
        "X",
        false,
    );
    row(
        "7",
        "XA12",
        "",
        "- Primary feather",
        "category",
        1,
        false,
        "X",
        true,
    );
    text
}

const WHO: &str = "ICD-10 Version:2098 (invented)\n\
    I       Diseases of the plumage\n\
    A00-A09 Rots\n\
    A00     Feather rot\n\
    A00.0   Quill decay\n\
    A00.9   Feather rot, unspecified\n";

const WHO_MAP: &str = "10ClassKind\t10DepthInKind\ticd10Code\ticd10Chapter\ticd10Title\t11ClassKind\t11DepthInKind\t\
    ICD-11 FoundationURI\tLinearization (releaseURI)\ticd11Code\ticd11Chapter\ticd11Title\n\
    category\t1\tA00\tI\tFeather rot\tcategory\t1\thttp://id.who.int/icd/entity/3\thttp://id.who.int/icd/release/11/mms/3\t1A00\t01\tFeather rot\n\
    category\t2\tA00.0\tI\tQuill decay\tcategory\t2\thttp://id.who.int/icd/entity/4\thttp://id.who.int/icd/release/11/mms/4\t1A00.0&XA12\t01\tFeather rot of wing\n\
    category\t2\tA00.9\tI\tFeather rot, unspecified\tcategory\t2\t\thttp://id.who.int/icd/release/11/mms/3/unspecified\t1A00.Z\t01\tFeather rot, unspecified\n";
