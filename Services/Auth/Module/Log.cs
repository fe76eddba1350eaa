using Microsoft.Extensions.Logging;

namespace MemoryMesh.Auth;

internal static partial class Log
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Warning, Message = "{Count} signing key(s) cannot be opened with MEMORY_JWT_SECRET_KEY as it is now and are dropped; access tokens they signed are refused")]
    public static partial void SigningKeysDropped(ILogger logger, int count);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "A refresh token was used twice; session {SessionId} of account {AccountId} ended")]
    public static partial void RefreshTokenReused(ILogger logger, Guid sessionId, Guid accountId);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Warning, Message = "Removing what has expired failed: {Reason}; it is tried again")]
    public static partial void CleanUpFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Information, Message = "Account {AccountId} claimed tenant {TenantId}")]
    public static partial void TenantClaimed(ILogger logger, Guid accountId, Guid tenantId);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Information, Message = "The local tenant {TenantId} was made")]
    public static partial void LocalTenantMade(ILogger logger, Guid tenantId);

    [LoggerMessage(EventId = 2006, Level = LogLevel.Warning, Message = "{What} is read when the store can be: {Reason}")]
    public static partial void ReadLater(ILogger logger, string what, string reason);
}
