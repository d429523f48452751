"""A finished run as files for other programs: NVivo, MAXQDA, ATLAS.ti, QualCoder, SPSS, Excel and R."""
