namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>Takes the forms of one word after another and adds each once to the terms of a text.</summary>
internal sealed class WordTerms(List<string> terms)
{
    private const int Shortest = 2;
    private int _first;
    private string _known = "";

    /// <summary>Begins with a word.</summary>
    /// <param name="known">The term it has anyway.</param>
    public void Begin(string known)
    {
        _known = known;
        _first = terms.Count;
    }

    /// <summary>Adds a form of the word.</summary>
    public void Add(string term)
    {
        if (term.Length >= Shortest && term != _known && terms.IndexOf(term, _first) < 0)
        {
            terms.Add(term);
        }
    }
}
