using System.Collections.Frozen;

namespace MemoryMesh.Search.Analysis;

/// <summary>English words that say nothing about what is looked for. They are indexed, and left out of queries that hold other words.</summary>
internal static class StopWords
{
    private static readonly FrozenSet<string> Words = """
        a about above after again against all also am an and any are arent as at be because been before being below between both but by can cant
        cannot could couldnt did didnt do does doesnt doing dont down during each either else ever few for from further get had hadnt has hasnt have
        havent having he her here hers herself him himself his how i if im in into is isnt it its itself ive just let lets like
        me might more most much must my myself no nor not of off on once only or other our ours ourselves out over own please said same say says
        shall she should shouldnt so some such tell than that the their theirs them themselves then there these they theyd theyll theyre theyve
        this those through to too under until up upon us very was wasnt we were werent weve what whats when where whether which while who whom whose
        why will with wont would wouldnt yes yet you youd youll your youre yours yourself yourselves youve
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a folded lower-case word, without apostrophes, is one.</summary>
    public static bool Contains(string word) => Words.Contains(word);
}
