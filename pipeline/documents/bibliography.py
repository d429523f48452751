"""What the methods text and the checklist can cite: every method and the software."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Reference:
    """A work that can be cited.

    Attributes
    ----------
    key : str
        Its name in the texts and in references.bib; once given, it stays.
    authors : tuple of str
        "Surname, initials", or a group's name without a comma; "others" at the end stands for further ones. Empty
        where they are not known by themselves: the title then says them.
    year : str
        With a letter where an author has two works of a year; empty where it is not known.
    title : str
        As published, in sentence case; of the account, how its codebook cites it, and empty where it does not.
    venue : str
        The journal, the proceedings or the publisher; empty where it is not known.
    kind : {"article", "inproceedings", "misc"}
        The BibTeX type.
    volume, number, pages : str
        Where in the venue; pages with a hyphen.
    doi : str
        Without a prefix; empty where there is none.
    package : str
        The distribution that the work describes, whose version of the run is cited with it; empty for a method.
    """

    key: str
    authors: tuple[str, ...]
    year: str
    title: str
    venue: str
    kind: Literal["article", "inproceedings", "misc"] = "article"
    volume: str = ""
    number: str = ""
    pages: str = ""
    doi: str = ""
    package: str = ""


PROGRAM = Reference(
    "themecrosswalk", ("The Theme Crosswalk authors",), "", "Theme Crosswalk", "MIT licence", "misc",
    package="theme-crosswalk",
)  # fmt: skip
"""This program, as CITATION.cff has it."""

_JMLR = "Journal of Machine Learning Research"
_JOSS = "Journal of Open Source Software"
_STATMED = "Statistics in Medicine"

_METHODS = (
    Reference(
        "agresti1999", ("Agresti, A.", "Liu, I.-M."), "1999",
        "Modeling a categorical variable allowing arbitrarily many category choices", "Biometrics",
        volume="55", number="3", pages="936-943", doi="10.1111/j.0006-341X.1999.00936.x",
    ),
    Reference(
        "benjamini1995", ("Benjamini, Y.", "Hochberg, Y."), "1995",
        "Controlling the false discovery rate: a practical and powerful approach to multiple testing",
        "Journal of the Royal Statistical Society: Series B", volume="57", number="1", pages="289-300",
        doi="10.1111/j.2517-6161.1995.tb02031.x",
    ),
    Reference(
        "campello2013", ("Campello, R. J. G. B.", "Moulavi, D.", "Sander, J."), "2013",
        "Density-based clustering based on hierarchical density estimates",
        "Advances in Knowledge Discovery and Data Mining", "inproceedings", pages="160-172",
        doi="10.1007/978-3-642-37456-2_14",
    ),
    Reference(
        "carbonell1998", ("Carbonell, J.", "Goldstein, J."), "1998",
        "The use of MMR, diversity-based reranking for reordering documents and producing summaries",
        "Proceedings of SIGIR 98", "inproceedings", pages="335-336", doi="10.1145/290941.291025",
    ),
    Reference(
        "chuang2013", ("Chuang, J.", "Gupta, S.", "Manning, C. D.", "Heer, J."), "2013",
        "Topic model diagnostics: assessing domain relevance via topical alignment",
        "Proceedings of the 30th International Conference on Machine Learning", "inproceedings",
        volume="28", number="3", pages="612-620",
    ),
    Reference(
        "clopper1934", ("Clopper, C. J.", "Pearson, E. S."), "1934",
        "The use of confidence or fiducial limits illustrated in the case of the binomial", "Biometrika",
        volume="26", number="4", pages="404-413", doi="10.1093/biomet/26.4.404",
    ),
    Reference(
        "cohen1960", ("Cohen, J.",), "1960", "A coefficient of agreement for nominal scales",
        "Educational and Psychological Measurement", volume="20", number="1", pages="37-46",
        doi="10.1177/001316446002000104",
    ),
    Reference(
        "efron1986", ("Efron, B.", "Tibshirani, R."), "1986",
        "Bootstrap methods for standard errors, confidence intervals, and other measures of statistical accuracy",
        "Statistical Science", volume="1", number="1", pages="54-75", doi="10.1214/ss/1177013815",
    ),
    Reference(
        "field2007", ("Field, C. A.", "Welsh, A. H."), "2007", "Bootstrapping clustered data",
        "Journal of the Royal Statistical Society: Series B", volume="69", number="3", pages="369-390",
        doi="10.1111/j.1467-9868.2007.00593.x",
    ),
    Reference(
        "fischetti2001", ("Fischetti, M.", "Salazar, J. J."), "2001",
        "Solving the cell suppression problem on tabular data with linear constraints", "Management Science",
        volume="47", number="7", pages="1008-1027", doi="10.1287/mnsc.47.7.1008.9805",
    ),
    Reference(
        "fred2005", ("Fred, A. L. N.", "Jain, A. K."), "2005",
        "Combining multiple clusterings using evidence accumulation",
        "IEEE Transactions on Pattern Analysis and Machine Intelligence", volume="27", number="6", pages="835-850",
        doi="10.1109/TPAMI.2005.113",
    ),
    Reference(
        "hayes2007", ("Hayes, A. F.", "Krippendorff, K."), "2007",
        "Answering the call for a standard reliability measure for coding data",
        "Communication Methods and Measures", volume="1", number="1", pages="77-89",
        doi="10.1080/19312450709336664",
    ),
    Reference(
        "hennig2007", ("Hennig, C.",), "2007", "Cluster-wise assessment of cluster stability",
        "Computational Statistics and Data Analysis", volume="52", number="1", pages="258-271",
        doi="10.1016/j.csda.2006.11.025",
    ),
    Reference(
        "hubert1985", ("Hubert, L.", "Arabie, P."), "1985", "Comparing partitions", "Journal of Classification",
        volume="2", pages="193-218", doi="10.1007/BF01908075",
    ),
    Reference(
        "kelly1992", ("Kelly, J. P.", "Golden, B. L.", "Assad, A. A."), "1992",
        "Cell suppression: disclosure protection for sensitive tabular data", "Networks", volume="22", number="4",
        pages="397-417", doi="10.1002/net.3230220407",
    ),
    Reference(
        "knijnenburg2009", ("Knijnenburg, T. A.", "Wessels, L. F. A.", "Reinders, M. J. T.", "Shmulevich, I."), "2009",
        "Fewer permutations, more accurate P-values", "Bioinformatics", volume="25", number="12", pages="i161-i168",
        doi="10.1093/bioinformatics/btp211",
    ),
    Reference(
        "kobak2021", ("Kobak, D.", "Linderman, G. C."), "2021",
        "Initialization is critical for preserving global data structure in both t-SNE and UMAP",
        "Nature Biotechnology", volume="39", pages="156-157", doi="10.1038/s41587-020-00809-z",
    ),
    Reference(
        "korn1998", ("Korn, E. L.", "Graubard, B. I."), "1998",
        "Confidence intervals for proportions with small expected number of positive counts estimated from survey data",
        "Survey Methodology", volume="24", pages="193-201",
    ),
    Reference(
        "newcombe1998a", ("Newcombe, R. G.",), "1998a",
        "Improved confidence intervals for the difference between binomial proportions based on paired data",
        _STATMED, volume="17", number="22", pages="2635-2650",
        doi="10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C",
    ),
    Reference(
        "newcombe1998b", ("Newcombe, R. G.",), "1998b",
        "Interval estimation for the difference between independent proportions: comparison of eleven methods",
        _STATMED, volume="17", number="8", pages="873-890",
        doi="10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I",
    ),
    Reference(
        "obrien2014", ("O'Brien, B. C.", "Harris, I. B.", "Beckman, T. J.", "Reed, D. A.", "Cook, D. A."), "2014",
        "Standards for reporting qualitative research: a synthesis of recommendations", "Academic Medicine",
        volume="89", number="9", pages="1245-1251", doi="10.1097/ACM.0000000000000388",
    ),
    Reference(
        "phipson2010", ("Phipson, B.", "Smyth, G. K."), "2010",
        "Permutation p-values should never be zero: calculating exact p-values when permutations are randomly drawn",
        "Statistical Applications in Genetics and Molecular Biology", volume="9", number="1",
        doi="10.2202/1544-6115.1585",
    ),
    Reference(
        "rao1992", ("Rao, J. N. K.", "Scott, A. J."), "1992",
        "A simple method for the analysis of clustered binary data", "Biometrics", volume="48", number="2",
        pages="577-585", doi="10.2307/2532311",
    ),
    Reference(
        "strehl2002", ("Strehl, A.", "Ghosh, J."), "2002",
        "Cluster ensembles: a knowledge reuse framework for combining multiple partitions", _JMLR, volume="3",
        pages="583-617", doi="10.1162/153244303321897735",
    ),
    Reference(
        "tong2007", ("Tong, A.", "Sainsbury, P.", "Craig, J."), "2007",
        "Consolidated criteria for reporting qualitative research (COREQ): a 32-item checklist for interviews and "
        "focus groups",
        "International Journal for Quality in Health Care", volume="19", number="6", pages="349-357",
        doi="10.1093/intqhc/mzm042",
    ),
    Reference(
        "vinh2010", ("Vinh, N. X.", "Epps, J.", "Bailey, J."), "2010",
        "Information theoretic measures for clusterings comparison: variants, properties, normalization and "
        "correction for chance",
        _JMLR, volume="11", pages="2837-2854",
    ),
    Reference(
        "wang2020", ("Wang, W.", "Wei, F.", "Dong, L.", "Bao, H.", "Yang, N.", "Zhou, M."), "2020",
        "MiniLM: deep self-attention distillation for task-agnostic compression of pre-trained transformers",
        "Advances in Neural Information Processing Systems", "inproceedings", volume="33", pages="5776-5788",
    ),
    Reference(
        "ward1963", ("Ward, J. H.",), "1963", "Hierarchical grouping to optimize an objective function",
        "Journal of the American Statistical Association", volume="58", number="301", pages="236-244",
        doi="10.1080/01621459.1963.10500845",
    ),
    Reference(
        "wilson1927", ("Wilson, E. B.",), "1927",
        "Probable inference, the law of succession, and statistical inference",
        "Journal of the American Statistical Association", volume="22", number="158", pages="209-212",
        doi="10.1080/01621459.1927.10502953",
    ),
    Reference(
        "zhou2003", ("Zhou, D.", "Bousquet, O.", "Lal, T. N.", "Weston, J.", "Schölkopf, B."), "2003",
        "Learning with local and global consistency", "Advances in Neural Information Processing Systems",
        "inproceedings", volume="16",
    ),
)  # fmt: skip

_SOFTWARE = (
    PROGRAM,
    Reference(
        "ansel2024", ("Ansel, J.", "Yang, E.", "He, H.", "others"), "2024",
        "PyTorch 2: faster machine learning through dynamic Python bytecode transformation and graph compilation",
        "Proceedings of ASPLOS 24, volume 2", "inproceedings", pages="929-947", doi="10.1145/3620665.3640366",
        package="torch",
    ),
    Reference(
        "grootendorst2022", ("Grootendorst, M.",), "2022",
        "BERTopic: neural topic modeling with a class-based TF-IDF procedure", "arXiv", "misc",
        doi="10.48550/arXiv.2203.05794", package="bertopic",
    ),
    Reference(
        "harris2020", ("Harris, C. R.", "Millman, K. J.", "van der Walt, S. J.", "others"), "2020",
        "Array programming with NumPy", "Nature", volume="585", pages="357-362", doi="10.1038/s41586-020-2649-2",
        package="numpy",
    ),
    Reference(
        "honnibal2020", ("Honnibal, M.", "Montani, I.", "Van Landeghem, S.", "Boyd, A."), "2020",
        "spaCy: industrial-strength natural language processing in Python", "Zenodo", "misc",
        doi="10.5281/zenodo.1212303", package="spacy",
    ),
    Reference(
        "hunter2007", ("Hunter, J. D.",), "2007", "Matplotlib: a 2D graphics environment",
        "Computing in Science and Engineering", volume="9", number="3", pages="90-95", doi="10.1109/MCSE.2007.55",
        package="matplotlib",
    ),
    Reference(
        "mcinnes2017", ("McInnes, L.", "Healy, J.", "Astels, S."), "2017",
        "hdbscan: hierarchical density based clustering", _JOSS, volume="2", number="11", pages="205",
        doi="10.21105/joss.00205", package="hdbscan",
    ),
    Reference(
        "mcinnes2018", ("McInnes, L.", "Healy, J.", "Saul, N.", "Großberger, L."), "2018",
        "UMAP: uniform manifold approximation and projection", _JOSS, volume="3", number="29", pages="861",
        doi="10.21105/joss.00861", package="umap-learn",
    ),
    Reference(
        "mckinney2010", ("McKinney, W.",), "2010", "Data structures for statistical computing in Python",
        "Proceedings of the 9th Python in Science Conference", "inproceedings", pages="56-61",
        doi="10.25080/Majora-92bf1922-00a", package="pandas",
    ),
    Reference(
        "pedregosa2011", ("Pedregosa, F.", "Varoquaux, G.", "Gramfort, A.", "others"), "2011",
        "Scikit-learn: machine learning in Python", _JMLR, volume="12", pages="2825-2830", package="scikit-learn",
    ),
    Reference(
        "reimers2019", ("Reimers, N.", "Gurevych, I."), "2019",
        "Sentence-BERT: sentence embeddings using Siamese BERT-networks", "Proceedings of EMNLP-IJCNLP 2019",
        "inproceedings", pages="3982-3992", doi="10.18653/v1/D19-1410", package="sentence-transformers",
    ),
    Reference(
        "speer2019", ("Speer, R.",), "2019", "ftfy", "Zenodo", "misc", doi="10.5281/zenodo.2591652", package="ftfy",
    ),
    Reference(
        "virtanen2020", ("Virtanen, P.", "Gommers, R.", "Oliphant, T. E.", "others"), "2020",
        "SciPy 1.0: fundamental algorithms for scientific computing in Python", "Nature Methods", volume="17",
        pages="261-272", doi="10.1038/s41592-019-0686-2", package="scipy",
    ),
)  # fmt: skip

REFERENCES = {reference.key: reference for reference in (*_METHODS, *_SOFTWARE)}
"""By key."""
