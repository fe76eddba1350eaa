namespace MemoryMesh.ServiceDefaults.Security;

/// <summary>Answers of Auth that the processes of a server share. All of it may fail at any time: then each asks Auth for itself.</summary>
public interface ISharedAnswers
{
    /// <summary>Looks for an answer.</summary>
    /// <param name="name">Which one; it may hold what a client typed.</param>
    Task<SharedAnswer<TAnswer>> FindAsync<TAnswer>(string name)
        where TAnswer : class;

    /// <summary>Keeps an answer that Auth gave after <paramref name="found"/> had none.</summary>
    void Keep<TAnswer>(string name, SharedAnswer<TAnswer> found, TAnswer answer, TimeSpan lifetime)
        where TAnswer : class;

    /// <summary>Has every process forget every answer, because rights have changed.</summary>
    void Forget();

    /// <summary>Has an action called when answers are to be forgotten.</summary>
    void OnForgotten(Action forget);
}

/// <summary>What was found.</summary>
/// <param name="Answer">The answer, or null.</param>
/// <param name="Left">How long it counts.</param>
/// <param name="Age">How often everything had been forgotten when it was looked for; null when that could not be asked. An answer that was asked for before rights changed is
/// told by it from one that was asked for afterwards.</param>
public readonly record struct SharedAnswer<TAnswer>(TAnswer? Answer, TimeSpan Left, long? Age)
    where TAnswer : class;
