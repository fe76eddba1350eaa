namespace MemoryMesh.Memory.Extraction;

/// <content>Changes told in other languages that name what is no longer and what is: "nicht mehr in Kiel, sondern in Husum".</content>
internal sealed partial class Conversation
{
    /// <summary>What is said of a place or an employer, by how its fact begins.</summary>
    private static readonly (string Slot, string Beginning)[] Stations = [("employer", "User works at "), ("location", "User lives in "), ("profession", "User is ")];

    /// <summary>The one fact that ended gets the value behind "sondern", "sino" or "mais".</summary>
    private bool ReadInstead(Sentence sentence, List<MemoryCandidate> ended, List<MemoryCandidate> output)
    {
        var joint = Tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => token.Lower is "sondern" or "sino" or "mais" or "bensì");
        if (joint < 0 || joint + 1 >= sentence.End || _context.Blocked[joint])
        {
            return false;
        }

        // "Nicht mehr dort": what was told last of a place to work or to live at.
        var told = ended.Count > 0 ? ended : Gate.Contains(Tokens, sentence.First, joint, [["dort"], ["da"], ["allí"], ["là"]]) < 0 ? [] : Earlier.FindAll(fact => fact.SlotKey == (IsOfWork(sentence.First, joint) ? "employer" : "location"));
        if (told.FindLast(fact => Array.Exists(Stations, station => station.Slot == fact.SlotKey && fact.Text.StartsWith(station.Beginning, StringComparison.Ordinal))) is not { } fact)
        {
            return false;
        }

        var first = joint + 1;
        while (first + 1 < sentence.End && Tokens[first].Lower is "bei" or "beim" or "in" or "im" or "als" or "am" or "an" or "auf" or "für" or "der" or "dem" or "en" or "de" or "como" or "à" or "au" or "chez" or "dans" or "la" or "el" or "le" or "jetzt" or "ahora" or "maintenant")
        {
            first++;
        }

        var end = first;
        while (end < sentence.End && Tokens[end].IsWord && end - first < 6 && Tokens[end].Lower is not ("und" or "y" or "et" or "weil" or "porque" or "seit" or "desde" or "depuis"))
        {
            end++;
        }

        if (end == first)
        {
            return false;
        }

        var beginning = Array.Find(Stations, station => station.Slot == fact.SlotKey).Beginning;
        output.Add(fact with { Operation = CandidateOperation.Update, Text = beginning + _context.Render(first, end) + ".", Quote = _context.Quote(sentence.First, end), Confidence = 0.75 });
        output.AddRange(ended.Where(other => other != fact).Select(other => other with { Operation = CandidateOperation.Delete, Quote = _context.Quote(sentence.First, end), Confidence = 0.75 }));
        return true;
    }

    private bool IsOfWork(int first, int end)
        => Tokens.FindIndex(first, end - first, token => token.Lower.StartsWith("arbeit", StringComparison.Ordinal) || token.Lower.StartsWith("trabaj", StringComparison.Ordinal) || token.Lower.StartsWith("travaill", StringComparison.Ordinal)) >= 0;
}
