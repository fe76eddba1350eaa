namespace MemoryMesh.Gateway.Live;

/// <summary>Why a live connection is closed.</summary>
/// <param name="Code">Close code (RFC 6455, section 7.4); 4000 and more are ours.</param>
/// <param name="Reason">The same in words, at most 123 bytes.</param>
internal sealed record LiveClose(int Code, string Reason)
{
    public static readonly LiveClose Normal = new(1000, "");
    public static readonly LiveClose Stopping = new(1001, "The server is stopping. Connect again.");
    public static readonly LiveClose NotText = new(1003, "Frames are JSON texts.");
    public static readonly LiveClose TooManyFrames = new(1008, "Too many frames.");
    public static readonly LiveClose FrameTooBig = new(1009, "The frame is too big.");
    public static readonly LiveClose Defect = new(1011, "The server met an unexpected condition.");
    public static readonly LiveClose TooSlow = new(1013, "Too slow: events went by unread. Connect again, and read the state anew.");
    public static readonly LiveClose NotChecked = new(1013, "The credentials cannot be checked at the moment. Connect again.");
    public static readonly LiveClose Revoked = new(4401, "The credentials are no longer valid.");
    public static readonly LiveClose NoRight = new(4403, "The right to read the tenant was withdrawn.");
}
