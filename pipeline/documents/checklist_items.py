"""The items of SRQR and COREQ, in our own words, and what every run answers of them alike.

SRQR: O'Brien et al. 2014, doi:10.1097/ACM.0000000000000388. COREQ: Tong et al. 2007, doi:10.1093/intqhc/mzm042.
Numbers and topics follow the published lists; what each asks is put in other words.
"""

from __future__ import annotations

from dataclasses import dataclass

ANSWERED = "answered"
PARTLY = "partly"
AUTHORS = "left to the authors"
NOT_APPLICABLE = "does not apply"
STATES = (ANSWERED, PARTLY, AUTHORS, NOT_APPLICABLE)


@dataclass(frozen=True)
class Item:
    """An item of a checklist.

    Attributes
    ----------
    number : int
        As published, from 1.
    topic : str
        What it is called.
    asks : str
        What a report should say, in our own words.
    state : str
        One of `STATES`, as it is for every run; where runs differ, `pipeline.documents.checklist` says what
        holds.
    where : str
        Where it is answered, or why not: sections of the methods text in asterisks, files in backticks.
    """

    number: int
    topic: str
    asks: str
    state: str
    where: str


_NO_INTERVIEW = "No interviews or groups: the comments are written answers to a survey."

SRQR = (
    Item(
        1, "Title", "Says what was studied, and by which kind of study.", AUTHORS,
        "Call it codebook-led mapping of machine-found topics in survey comments.",
    ),
    Item(
        2, "Abstract", "Sums up the study in the journal's form.", AUTHORS,
        "The opening of `report.html` states the finding in a sentence.",
    ),
    Item(
        3, "Problem formulation", "Says which problem it is about, why it matters and what is known of it.", AUTHORS,
        "Only the authors know.",
    ),
    Item(
        4, "Purpose or research question", "Says what the study set out to learn.", PARTLY,
        "*Data* gives the question put to respondents; the study's own is for the authors.",
    ),
    Item(
        5, "Qualitative approach and paradigm",
        "Names the approach and the stance behind it, and gives reasons.", PARTLY,
        "*Comparison with the published themes* names codebook-led mapping of machine-found topics, never "
        "reflexive thematic analysis; the paradigm is for the authors.",
    ),
    Item(
        6, "Researcher characteristics and reflexivity",
        "Says who the researchers are, and how that may have shaped the work.", AUTHORS,
        "A blank in *Ethics and reflexivity*.",
    ),
    Item(
        7, "Context", "Describes where and in what circumstances the study was made.", AUTHORS,
        "A blank in *Data*.",
    ),
    Item(
        8, "Sampling strategy", "Says how and why participants were chosen, and when no more were sought.", AUTHORS,
        "A blank in *Data*; every comment received was taken in, and *Data* says which were set aside.",
    ),
    Item(
        9, "Ethical issues", "Tells of approval, consent, and how confidences and data were kept.", PARTLY,
        "*Disclosure control* and *Preparation and redaction* say what is kept from view; approval and consent "
        "are a blank in *Ethics and reflexivity*.",
    ),
    Item(
        10, "Data collection methods", "Says what was collected, how and when.", PARTLY,
        "*Data* gives the question and what came with each comment; dates and procedure are a blank there.",
    ),
    Item(
        11, "Instruments and technologies", "Describes what the data were collected with.", PARTLY,
        "*Data* quotes the question; the rest of the questionnaire is for the authors.",
    ),
    Item(
        12, "Units of study", "Counts and describes the participants or texts that were included.", PARTLY,
        "*Data* counts comments received, set aside and analysed; respondents' characteristics are for the authors.",
    ),
    Item(
        13, "Data processing", "Says how data were prepared, checked, kept safe and made anonymous.", PARTLY,
        "*Preparation and redaction* and *Disclosure control*; whether comments were anonymised beforehand is a blank.",
    ),
    Item(
        14, "Data analysis", "Says how themes were found, by whom and by what approach.", ANSWERED,
        "*Embedding*, *Topics*, *Comparison with the published themes* and *Shares, claims and groups*.",
    ),
    Item(
        15, "Techniques for trustworthiness", "Says what was done so that the result can be relied on.", ANSWERED,
        "",
    ),
    Item(
        16, "Synthesis and interpretation", "Gives the main findings, and what they mean.", PARTLY,
        "`report.html`, `diagnosis.csv`, `prevalence.csv`; what they mean is for the authors.",
    ),
    Item(
        17, "Links to empirical data", "Backs findings with evidence such as quotations.", AUTHORS,
        "Public outputs quote no comment. `topics.csv` gives keywords and sizes; quotations are for the authors "
        "to choose, with consent.",
    ),
    Item(
        18, "Prior work, implications and contribution",
        "Sets the findings beside earlier work, and says where else they may hold.", PARTLY,
        "The comparison with the published account is `crosswalk.csv` and `claims.csv`; implications are for the "
        "authors.",
    ),
    Item(
        19, "Limitations", "Says how far the findings can be trusted, and what limits them.", PARTLY,
        "*Limits* has those of the method; those of the study are a blank there.",
    ),
    Item(
        20, "Conflicts of interest", "Says what may have swayed the researchers.", AUTHORS,
        "Only the authors know.",
    ),
    Item(
        21, "Funding", "Says who paid, and what part they took.", AUTHORS,
        "Only the authors know.",
    ),
)  # fmt: skip
"""Standards for Reporting Qualitative Research."""

COREQ = (
    Item(
        1, "Interviewer", "Who led the interviews or groups.", NOT_APPLICABLE,
        _NO_INTERVIEW,
    ),
    Item(
        2, "Credentials", "The researchers' degrees.", AUTHORS,
        "Only the authors know.",
    ),
    Item(
        3, "Occupation", "What the researchers worked as at the time.", AUTHORS,
        "Only the authors know.",
    ),
    Item(
        4, "Gender", "The researchers' gender.", AUTHORS,
        "Only the authors know.",
    ),
    Item(
        5, "Experience and training", "What experience or training they had.", AUTHORS,
        "Only the authors know; for coders a blank in *Agreement with coders* where there are codes.",
    ),
    Item(
        6, "Relationship established", "Whether researchers and participants knew one another before.", AUTHORS,
        "A blank in *Ethics and reflexivity*.",
    ),
    Item(
        7, "Participants' knowledge of the researcher",
        "What participants knew of the researchers and their reasons.", AUTHORS,
        "What the survey's invitation said is for the authors.",
    ),
    Item(
        8, "Interviewer characteristics",
        "What is reported of the interviewers' assumptions and interests.", NOT_APPLICABLE,
        f"{_NO_INTERVIEW} The authors' own are a blank in *Ethics and reflexivity*.",
    ),
    Item(
        9, "Methodological orientation", "Which methodology the study rests on.", ANSWERED,
        "*Comparison with the published themes*: codebook-led mapping of machine-found topics, never reflexive "
        "thematic analysis.",
    ),
    Item(
        10, "Sampling", "How participants were chosen.", AUTHORS,
        "A blank in *Data*.",
    ),
    Item(
        11, "Method of approach", "How participants were reached.", AUTHORS,
        "A blank in *Data*.",
    ),
    Item(
        12, "Sample size", "How many took part.", PARTLY,
        "",
    ),
    Item(
        13, "Non-participation", "How many declined or dropped out, and why.", PARTLY,
        "*Data* counts the comments set aside, with reasons; who did not answer is a blank there.",
    ),
    Item(
        14, "Setting of data collection", "Where the data were collected.", AUTHORS,
        "A blank in *Data*.",
    ),
    Item(
        15, "Presence of others", "Whether anybody else was there.", NOT_APPLICABLE,
        f"{_NO_INTERVIEW} Nobody is known to have been present.",
    ),
    Item(
        16, "Description of sample", "What marks the sample, such as roles or dates.", AUTHORS,
        "",
    ),
    Item(
        17, "Interview guide", "Which questions or prompts were used, and whether they were tried out.", PARTLY,
        "*Data* quotes the one question; whether it was tried out is for the authors.",
    ),
    Item(
        18, "Repeat interviews", "Whether interviews were repeated.", NOT_APPLICABLE,
        _NO_INTERVIEW,
    ),
    Item(
        19, "Recording", "Whether sound or pictures were recorded.", NOT_APPLICABLE,
        f"{_NO_INTERVIEW} They came as text.",
    ),
    Item(
        20, "Field notes", "Whether notes were made during or after.", NOT_APPLICABLE,
        _NO_INTERVIEW,
    ),
    Item(
        21, "Duration", "How long interviews or groups took.", NOT_APPLICABLE,
        _NO_INTERVIEW,
    ),
    Item(
        22, "Saturation", "Whether saturation was discussed.", NOT_APPLICABLE,
        "Collection did not follow the analysis: every comment received was taken in.",
    ),
    Item(
        23, "Transcripts returned", "Whether participants could correct transcripts.", NOT_APPLICABLE,
        f"{_NO_INTERVIEW} There are no transcripts.",
    ),
    Item(
        24, "Number of coders", "How many people coded the data.", ANSWERED,
        "",
    ),
    Item(
        25, "Coding tree", "Whether the codes and their order are described.", PARTLY,
        "",
    ),
    Item(
        26, "Derivation of themes", "Whether themes were set beforehand or came from the data.", ANSWERED,
        "Themes were set beforehand by the codebook, topics came from the data: *Topics* and *Comparison with the "
        "published themes*.",
    ),
    Item(
        27, "Software", "What software was used.", ANSWERED,
        "*Software, licence and reproducibility*, with versions; `references.bib`.",
    ),
    Item(
        28, "Participant checking", "Whether participants commented on the findings.", AUTHORS,
        "The program knows of no checking by respondents.",
    ),
    Item(
        29, "Quotations presented", "Whether quotations illustrate the findings, each with its source.", AUTHORS,
        "Public outputs quote no comment; the authors may quote with consent.",
    ),
    Item(
        30, "Data and findings consistent", "Whether findings follow from the data shown.", PARTLY,
        "",
    ),
    Item(
        31, "Clarity of major themes", "Whether the main themes are plain in the findings.", ANSWERED,
        "`prevalence.csv` and the figure `figures/theme_shares.svg` give the shares of themes with their intervals.",
    ),
    Item(
        32, "Clarity of minor themes", "Whether rare themes and deviating cases are described.", PARTLY,
        "",
    ),
)  # fmt: skip
"""Consolidated criteria for reporting qualitative research."""
