using MemoryMesh.Auth;
using MemoryMesh.ServiceDefaults.Hosting;

var builder = MemoryMeshHost.CreateBuilder(args, AuthModule.Name);
builder.Services.AddAuthModule();

var app = builder.Build();
app.UseMemoryMeshDefaults();
app.MapAuthEndpoints();
return await app.RunMemoryMeshAsync();
