using Npgsql;

namespace MemoryMesh.ServiceDefaults.Storage.Postgres;

/// <summary>Tells outages from defects.</summary>
internal static class PostgresErrors
{
    /// <summary>Classes of SQLSTATE (PostgreSQL, appendix A) that say nothing about the statement: connection, authorization, transaction, resources, intervention, system.</summary>
    private static readonly string[] OutageClasses = ["08", "28", "3D", "40", "53", "57", "58"];

    /// <summary>The same among others: a lock was waited for too long, a right is missing, a transaction was idle too long, the server is a standby.</summary>
    private static readonly string[] Outages = ["55P03", "42501", "25P03", "25006", "F0000", "XX001", "XX002"];

    /// <summary>Whether the server, and not the statement, is at fault.</summary>
    public static bool IsOutage(Exception exception) => exception switch
    {
        PostgresException server => Array.IndexOf(OutageClasses, server.SqlState[..2]) >= 0 || Array.IndexOf(Outages, server.SqlState) >= 0,
        NpgsqlException or System.Net.Sockets.SocketException or IOException or TimeoutException => true,
        ObjectDisposedException or InvalidOperationException { Source: "Npgsql" } => true,
        _ => false,
    };

    /// <summary>What the callers of a store know.</summary>
    public static StorageUnavailableException ToUnavailable(string label, Exception exception)
        => new($"{label} cannot be used now: {Describe(exception)}", exception) { DiskFull = exception is PostgresException { SqlState: PostgresErrorCodes.DiskFull } };

    /// <summary>In words that name neither values nor secrets.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        PostgresException server => $"the server says {server.SqlState}, {server.MessageText}",
        StorageUnavailableException => exception.Message,
        _ => exception.InnerException is { } inner and not PostgresException ? inner.Message : exception.Message,
    };
}
