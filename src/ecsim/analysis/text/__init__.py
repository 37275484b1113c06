"""All wording of analysis and report, one file a language; see `words.words_of`."""
