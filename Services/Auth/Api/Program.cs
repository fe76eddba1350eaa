using MemoryMesh.Auth;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Redis;

return await MemoryMeshHost.RunAsync(args, () =>
{
    var builder = MemoryMeshHost.CreateBuilder(args, AuthModule.Name);
    builder.Services.AddAuthModule();
    builder.AddRabbitMqBus();
    builder.AddSharedAnswers();

    var app = builder.Build();
    app.UseMemoryMeshDefaults();
    app.MapAuthEndpoints();
    app.MapAuthCalls();
    return app;
});
