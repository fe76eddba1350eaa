namespace MemoryMesh.Chat;

/// <summary>Who speaks in a message.</summary>
internal static class MessageRoles
{
    public const string User = "user";
    public const string Assistant = "assistant";
    public const string System = "system";
    public const string Tool = "tool";

    /// <summary>Every role; the place of a role, from 1, is what the store keeps.</summary>
    public static readonly IReadOnlyList<string> All = [User, Assistant, System, Tool];

    /// <summary>Whether a text is a role.</summary>
    public static bool IsRole(string role) => CodeOf(role) > 0;

    /// <summary>The number of a role in the store; 0 when the text is no role.</summary>
    public static int CodeOf(string role) => role switch
    {
        User => 1,
        Assistant => 2,
        System => 3,
        Tool => 4,
        _ => 0,
    };

    /// <summary>The role of a number in the store.</summary>
    public static string FromCode(int code) => All[code - 1];
}
