//! X12 837 health care claims, professional and institutional.
//!
//! An interchange names its own delimiters in its first segment, `ISA`. Claims
//! stand in a hierarchy (`HL`: billing provider, subscriber, patient); `CLM`
//! begins a claim, `HI` holds diagnoses, `LX` and `SV1` or `SV2` a service line,
//! `DTP*472` its day, `NM1*82` who rendered it. Only what the edits ask for is
//! read, and everything else is passed over.
//!
//! Why not a crate: those published read segments without their loops, or other
//! transactions than 837; what is needed here is small.

mod claim;
mod reader;
mod segments;

pub use claim::{
    ClaimForm, X12Claim, X12ClaimError, X12Diagnosis, X12DiagnosisKind, X12Line, X12Problem,
};
pub use reader::ClaimReader;
pub use segments::{Segment, SegmentSplitter, Segments};

/// Whether `head`, the beginning of a file, is that of an X12 interchange.
pub fn looks_like(head: &[u8]) -> bool {
    let head = segments::without_byte_order_mark(head).trim_ascii_start();
    head.starts_with(b"ISA")
        && head
            .get(3)
            .is_some_and(|byte| !byte.is_ascii_alphanumeric())
}

/// The claims of a file, and those that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct X12Claims {
    /// The claims that could be read whole, in the file's order.
    pub claims: Vec<X12Claim>,
    /// What could not be read; a claim that is named here is not in `claims`.
    pub errors: Vec<X12ClaimError>,
}

/// Reads all claims of a file of one or more interchanges.
pub fn parse(bytes: &[u8]) -> X12Claims {
    let mut read = X12Claims::default();
    let mut reader = ClaimReader::new();
    let mut take = |finished: Option<Result<X12Claim, Vec<X12ClaimError>>>| match finished {
        Some(Ok(claim)) => read.claims.push(claim),
        Some(Err(errors)) => read.errors.extend(errors),
        None => {}
    };
    for segment in Segments::new(bytes) {
        take(reader.read(&segment));
    }
    take(reader.finish());
    read
}

#[cfg(test)]
mod tests {
    use super::{SegmentSplitter, Segments, looks_like, parse};
    use proptest::prelude::*;

    const ISA: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       \
        *240801*1200*^*00501*000000001*0*P*:~";
    const HEAD: &str = "GS*HC*S*R*20240801*1200*1*X*005010X222A1~ST*837*0001*005010X222A1~\
        HL*1**20*1~NM1*85*2*CLINIC*****XX*1111111111~HL*2*1*22*0~SBR*P*18*******MB~\
        NM1*IL*1*DOE*JO****MI*1~DMG*D8*19500228*F~";

    #[track_caller]
    fn check(segments: &str, expected: &[&str]) {
        let text = format!("{ISA}{HEAD}{segments}SE*1*0001~GE*1*1~IEA*1*000000001~");
        assert!(looks_like(text.as_bytes()));
        assert_eq!(print(text.as_bytes()), expected);
    }

    fn print(bytes: &[u8]) -> Vec<String> {
        let read = parse(bytes);
        let claims = read.claims.iter().map(|claim| {
            let diagnoses: Vec<&str> = claim.diagnoses.iter().map(|d| &*d.code).collect();
            let lines: Vec<String> = claim
                .lines
                .iter()
                .map(|line| {
                    format!(
                        "{}: {} {:?} x{} on {:?} for {:?} by {:?}",
                        line.number,
                        line.code,
                        line.modifiers,
                        line.units,
                        line.date,
                        line.diagnosis_pointers,
                        line.provider
                    )
                })
                .collect();
            format!(
                "{} {:?} by {:?} born {:?} {:?}: {diagnoses:?} {lines:?}",
                claim.id, claim.form, claim.provider, claim.birth, claim.sex
            )
        });
        claims
            .chain(read.errors.iter().map(ToString::to_string))
            .collect()
    }

    #[test]
    fn a_professional_claim_is_read_with_its_lines() {
        check(
            "CLM*A1*100***11:B:1*Y*A*Y*Y~HI*ABK:E119*ABF:I10~NM1*82*1*DOC*****XX*2222222222~\
             LX*1~SV1*HC:00001:25:59*50*UN*2***1:2~DTP*472*D8*20240801~\
             LX*2~SV1*HC:A0001*50*UN*1.5***2~DTP*472*RD8*20240801-20240803~\
             NM1*82*1*OTHER*****XX*3333333333~",
            &[
                "A1 Professional by Some(\"2222222222\") born Some(1950-02-28) Some('F'): \
               [\"E119\", \"I10\"] [\
               \"1: 00001 [\\\"25\\\", \\\"59\\\"] x2 on Some(2024-08-01) for [1, 2] by None\", \
               \"2: A0001 [] x1.5 on Some(2024-08-01) for [2] by Some(\\\"3333333333\\\")\"]",
            ],
        );
    }

    #[test]
    fn a_broken_claim_is_reported_and_the_next_is_read() {
        check(
            "CLM*BAD*1~HI*ABK:E119~LX*1~SV1*HC:00001*5*UN*1***1~DTP*472*D8*20241301~\
             LX*2~SV1*HC:00002*5*UN*many***x~\
             CLM*GOOD*1~LX*1~SV2*0450*HC:00001*5*UN*1~",
            &[
                "GOOD Professional by Some(\"1111111111\") born Some(1950-02-28) Some('F'): [] \
                 [\"1: 00001 [] x1 on None for [] by None\"]",
                "claim `BAD`, segment 14: the day of DTP*472 is `20241301`, expected YYYYMMDD",
                "claim `BAD`, segment 16: the units of SV1 is `many`, expected a number",
                "claim `BAD`, segment 16: the diagnosis pointer of SV1 is `x`, expected 1 to 12",
            ],
        );
    }

    #[test]
    fn a_file_that_is_cut_says_so() {
        let text = format!("{ISA}{HEAD}CLM*A1*1~LX*1~SV1*HC:00001*5*UN*1");
        assert_eq!(
            print(text.as_bytes()),
            [
                "claim `A1`, segment 12: the file ends within a segment or before the claim's transaction does"
            ]
        );
        assert_eq!(
            print(b"not an interchange"),
            ["segment 1: the file does not begin with an ISA segment"]
        );
    }

    #[test]
    fn pieces_give_the_same_segments() {
        let text =
            format!("\u{feff}{ISA}{HEAD}CLM*A1*1~\r\nLX*1~SV1*HC:00001:25*5*UN*1~SE*1*1~IEA*1");
        let whole: Vec<String> = Segments::new(text.as_bytes())
            .map(|segment| format!("{segment:?}"))
            .collect();
        for step in [1, 7, 64, 1000] {
            let (mut splitter, mut pieces) = (SegmentSplitter::new(), Vec::new());
            let (mut start, mut end) = (0, 0);
            while start < text.len() {
                end = (end + step).min(text.len());
                let is_end = end == text.len();
                while let Some((segment, taken)) =
                    splitter.next(&text.as_bytes()[start..end], is_end)
                {
                    pieces.push(format!("{segment:?}"));
                    start += taken;
                }
                if is_end {
                    break;
                }
            }
            assert_eq!(pieces, whole, "{step}");
        }
    }

    #[test]
    fn delimiters_are_those_that_isa_names() {
        let text = format!("{ISA}{HEAD}CLM*A1*1~LX*1~SV1*HC:00001:25*5*UN*1~SE*1*1~");
        let other = text.replace(':', "<").replace('*', "|").replace('~', "\n");
        assert_eq!(print(text.as_bytes()), print(other.as_bytes()));
        let lined = text.replace('~', "~\r\n");
        assert_eq!(print(text.as_bytes()), print(lined.as_bytes()));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), segments in "[A-Z0-9*:~]{0,200}") {
            let _ = parse(&bytes);
            let mut text = format!("{ISA}{HEAD}{segments}").into_bytes();
            let _ = parse(&text);
            text.extend(&bytes);
            let _ = parse(&text);
        }
    }
}
