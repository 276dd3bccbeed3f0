//! Tokens that carry their vendor's prefix.

use crate::redact::text::alphabet::{DIGIT, JOIN, LETTER, is, union};

/// Bytes of a token that are looked at after each of its prefixes.
const LOOK_BYTES: usize = 256;

/// Bytes of the longest prefix that is a word of its own, and how many more it
/// asks for.
const WORD_BYTES: usize = 7;
const WORD_MIN: usize = 20;

/// A prefix that asks for no more than this is no beginning of a word: cut
/// right after it by the end of the text, it still is a token.
const DISTINCT: usize = 12;

/// A prefix and how many bytes must follow it, unless the text ends there.
pub(in crate::redact) struct Prefix {
    pub(in crate::redact) text: &'static str,
    pub(in crate::redact) min: usize,
}

/// Bytes of a prefix beyond which it is not kept: with a few of what stands
/// before it, it would be as long as a secret.
const KEPT: usize = 10;

impl Prefix {
    /// How many of its bytes stay readable.
    pub(in crate::redact) fn kept(&self) -> usize {
        match self.text.as_bytes() {
            [rest @ .., b'-' | b'_' | b'.'] if rest.len() < KEPT => self.text.len(),
            _ => 0,
        }
    }
}

/// The longest prefix that `token` begins with, if enough follows; at the end
/// of a text, which may be cut, anything is enough.
pub(in crate::redact) fn vendor(token: &[u8], at_end: bool) -> Option<&'static Prefix> {
    if !may_be(token) {
        return None;
    }
    let first = token[0];
    let (from, to) = BY_FIRST[usize::from(first)];
    let candidates = &PREFIXES[usize::from(from)..usize::from(to)];
    candidates
        .iter()
        .filter(|prefix| token.starts_with(prefix.text.as_bytes()))
        .filter(|prefix| {
            let rest = &token[prefix.text.len()..];
            if at_end && prefix.min <= DISTINCT && !rest.is_empty() {
                return true;
            }
            // `live_shop-<hash>`: a prefix that is a word, before another.
            if prefix.text.len() <= WORD_BYTES && prefix.min >= WORD_MIN {
                let word = rest.iter().take_while(|&&byte| is(byte, LETTER)).count();
                if word >= 3 && rest.get(word).is_some_and(|&byte| is(byte, JOIN)) {
                    return false;
                }
            }
            // `secret_manager_client`, `key-value-store` are words.
            let classes = union(&rest[..rest.len().min(LOOK_BYTES)]);
            rest.len() >= prefix.min && (classes & DIGIT != 0 || classes & LETTER == LETTER)
        })
        .max_by_key(|prefix| prefix.text.len())
}

/// The length of the prefix at the beginning of `rest` that stays readable
/// where what follows it is masked.
pub(in crate::redact) fn kept(rest: &[u8]) -> usize {
    let Some(&first) = rest.first() else {
        return 0;
    };
    let (from, to) = BY_FIRST[usize::from(first)];
    PREFIXES[usize::from(from)..usize::from(to)]
        .iter()
        .filter(|prefix| rest.starts_with(prefix.text.as_bytes()))
        .map(Prefix::kept)
        .max()
        .unwrap_or(0)
}

/// Whether `token` could begin with a prefix by its first, second and fourth
/// byte.
#[inline]
pub(in crate::redact) fn may_be(token: &[u8]) -> bool {
    let [first, second, ref rest @ ..] = *token else {
        return false;
    };
    let (first, fourth) = (usize::from(first), rest.get(1).copied().unwrap_or(0));
    SECONDS[first] >> (second & 63) & 1 != 0
        && (FOURTHS[first] >> (fourth & 63) & 1 != 0 || rest.len() < 2)
}

/// Whether [`vendor`] could find a prefix at the beginning of `token`, which
/// may be cut, or after a slash.
pub(in crate::redact) fn may_begin(token: &[u8]) -> bool {
    match *token {
        [b'-' | b'.' | b'/' | b'+' | b'~', ..] => true,
        _ => {
            may_be(token) || token.contains(&b'/') && token.split(|&byte| byte == b'/').any(may_be)
        }
    }
}

/// By the first byte of a prefix, the lower six bits of the second.
static SECONDS: [u64; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < PREFIXES.len() {
        let text = PREFIXES[i].text.as_bytes();
        table[text[0] as usize] |= 1 << (text[1] & 63);
        i += 1;
    }
    table
};

/// By the first byte of a prefix, the lower six bits of the fourth.
static FOURTHS: [u64; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < PREFIXES.len() {
        let text = PREFIXES[i].text.as_bytes();
        table[text[0] as usize] |= if text.len() < 4 {
            u64::MAX
        } else {
            1 << (text[3] & 63)
        };
        i += 1;
    }
    table
};

/// Where the prefixes of a first byte stand in [`PREFIXES`].
static BY_FIRST: [(u8, u8); 256] = {
    let mut table = [(0, 0); 256];
    let mut i = 0;
    while i < PREFIXES.len() {
        let first = PREFIXES[i].text.as_bytes()[0] as usize;
        #[allow(clippy::cast_possible_truncation)] // fewer than 256 prefixes
        let at = i as u8;
        if table[first].1 == 0 {
            table[first].0 = at;
        }
        table[first].1 = at + 1;
        i += 1;
    }
    table
};

const fn p(text: &'static str, min: usize) -> Prefix {
    Prefix { text, min }
}

/// Ordered by the first byte.
static PREFIXES: [Prefix; 164] = [
    p("1//0", 16),
    p("A3-", 20),
    p("A3T", 13),
    p("AAAA", 40),
    p("ABIA", 12),
    p("ABSK", 16),
    p("ACCA", 12),
    p("AGE-SECRET-KEY-1", 8),
    p("AGPA", 12),
    p("AIDA", 12),
    p("AIPA", 12),
    p("AIza", 20),
    p("AKCp", 16),
    p("AKIA", 12),
    p("ANPA", 12),
    p("ANVA", 12),
    p("AP6", 24),
    p("APA91b", 24),
    p("APKA", 12),
    p("AQVN", 24),
    p("AROA", 12),
    p("ASCA", 12),
    p("ASIA", 12),
    p("ATATT3", 12),
    p("ATBB", 16),
    p("ATCTT3", 12),
    p("BBDC-", 16),
    p("CFPAT-", 16),
    p("CLOJARS_", 16),
    p("EAAA", 20),
    p("EAAC", 20),
    p("EAAG", 20),
    p("EZAK", 20),
    p("EZTK", 20),
    p("FLWPUBK", 12),
    p("FLWSECK", 12),
    p("FlyV1", 12),
    p("GOCSPX-", 12),
    p("GR1348941", 12),
    p("HRKU-", 16),
    p("ICO-", 16),
    p("LTAI", 12),
    p("NRAK-", 12),
    p("NRII-", 12),
    p("NRIQ-", 12),
    p("NRJS-", 12),
    p("NRRA-", 12),
    p("PMAK-", 12),
    p("RGAPI-", 12),
    p("SG.", 16),
    p("YCA", 24),
    p("abl_", 12),
    p("aio_", 16),
    p("amzn.mws.", 16),
    p("amzn1.", 16),
    p("api_org_", 12),
    p("apify_api_", 12),
    p("atlasv1.", 16),
    p("b.AAAAA", 16),
    p("bkua_", 12),
    p("ccpat_", 12),
    p("cmVmdGtu", 16),
    p("dG9rOm", 16),
    p("da2-", 16),
    p("dapi", 28),
    p("dckr_oat_", 8),
    p("dckr_pat_", 8),
    p("doo_v1_", 12),
    p("dop_v1_", 12),
    p("dor_v1_", 12),
    p("dp.", 20),
    p("dt0c01.", 12),
    p("dt0s01.", 12),
    p("duffel_", 16),
    p("e2b_", 16),
    p("figd_", 12),
    p("fio-u-", 12),
    p("flp_", 12),
    p("fm1_", 16),
    p("fm1a_", 16),
    p("fm1r_", 16),
    p("fm2_", 16),
    p("fo1_", 12),
    p("ghe_", 12),
    p("gho_", 12),
    p("ghp_", 12),
    p("ghr_", 12),
    p("ghs_", 12),
    p("ghu_", 12),
    p("github_pat_", 12),
    p("glagent-", 12),
    p("glc_", 16),
    p("glcbt-", 12),
    p("gldt-", 12),
    p("glffct-", 12),
    p("glft-", 12),
    p("glimt-", 12),
    p("gloas-", 12),
    p("glpat-", 12),
    p("glptt-", 12),
    p("glrt-", 12),
    p("glsa_", 16),
    p("glsoat-", 12),
    p("gsk_", 16),
    p("hf_", 16),
    p("hvb.", 16),
    p("hvr.", 16),
    p("hvs.", 16),
    p("jina_", 16),
    p("key-", 20),
    p("key_", 24),
    p("ld-", 28),
    p("lin_api_", 12),
    p("lin_oauth_", 12),
    p("live_", 20),
    p("lsv2_", 16),
    p("napi_", 16),
    p("nfp_", 16),
    p("npm_", 16),
    p("ntn_", 16),
    p("nvapi-", 16),
    p("ops_", 16),
    p("oy2", 28),
    p("pat-", 16),
    p("phc_", 16),
    p("phx_", 16),
    p("pk_live_", 12),
    p("pk_test_", 12),
    p("pnu_", 16),
    p("pplx-", 12),
    p("pscale_", 12),
    p("pub-c-", 20),
    p("pul-", 16),
    p("pypi-", 16),
    p("r8_", 16),
    p("rdme_", 16),
    p("re_", 20),
    p("rk_", 12),
    p("rubygems_", 12),
    p("s.", 22),
    p("sbp_", 16),
    p("secret_", 20),
    p("sess-", 16),
    p("sgp_", 16),
    p("shippo_", 12),
    p("shpat_", 12),
    p("shpca_", 12),
    p("shppa_", 12),
    p("shpss_", 12),
    p("sk-", 6),
    p("sk_", 8),
    p("sntrys_", 12),
    p("sntryu_", 12),
    p("sub-c-", 20),
    p("tskey-", 8),
    p("tvly-", 12),
    p("vcp_", 16),
    p("whsec_", 8),
    p("xai-", 16),
    p("xapp-", 8),
    p("xkeysib-", 12),
    p("xox", 8),
    p("xprv", 16),
    p("zpka_", 12),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_ordered_by_first_byte_and_has_no_twins() {
        for pair in PREFIXES.windows(2) {
            assert!(pair[0].text.as_bytes()[0] <= pair[1].text.as_bytes()[0]);
            assert_ne!(pair[0].text, pair[1].text);
        }
    }

    #[test]
    fn a_short_rest_counts_only_at_the_end() {
        assert!(vendor(b"ghp_abc", false).is_none());
        assert_eq!(vendor(b"ghp_abc", true).unwrap().text, "ghp_");
    }
}
